import type {Launcher} from '../agent/launcher.js';
import {currentAttempt, isLive, type Run} from '../run/run.js';
import type {State} from '../state.js';
import type {View} from './view.js';

/** One launcher. `host` comes from elsewhere: show it through `visible`. */
export type LauncherRow = {
	/** The launcher's id. */
	readonly id: string;
	readonly host: string;
	readonly pid: number;
	readonly state: Launcher['state'];
	readonly isEmbedded: boolean;
	/** Runs that have, or are about to have, a pty there. */
	readonly livePtys: number;
	readonly joinedAtMs: number;
	readonly sinceMs: number;
};

const isOn = (run: Run, launcherId: string): boolean => isLive(run) && currentAttempt(run)?.launcherId === launcherId;

const rowOf = (state: State, {id, host, pid, embedded, joinedAtMs, sinceMs, ...launcher}: Launcher): LauncherRow => ({
	id,
	host,
	pid,
	state: launcher.state,
	isEmbedded: embedded,
	livePtys: [...state.index.live].filter(runId => isOn(state.runs[runId]!, id)).length,
	joinedAtMs,
	sinceMs,
});

/** Every launcher that ever joined, those that can be reached first, then in the order in which they joined. */
export const launcherRows = (state: State, {filter}: Pick<View, 'filter'>): readonly LauncherRow[] => {
	const needle = filter.launchers.trim().toLowerCase();
	const rank = ({state: at}: LauncherRow): number => (at === 'online' ? 0 : 1);
	return Object.values(state.launchers)
		.map(launcher => rowOf(state, launcher))
		.filter(row => [row.id, row.host, row.state].some(text => text.toLowerCase().includes(needle)))
		.sort((a, b) => rank(a) - rank(b) || a.joinedAtMs - b.joinedAtMs);
};

/** The ids of the rows, in their order. */
export const launcherRowIds = (state: State, view: Pick<View, 'filter'>): readonly string[] => launcherRows(state, view).map(({id}) => id);
