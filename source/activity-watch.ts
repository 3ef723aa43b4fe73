import {type AgentStatus, guessedStatus, type StatusReport, type StatusSource, statusOf} from '../state/agent/agent-status.js';
import {isStatusNews} from '../state/run/report-facts.js';
import {isLive, type Run} from '../state/run/run.js';
import {isSilenceNews} from '../state/run/stuck.js';
import {type Activity, type LauncherPort, ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

/** Between two looks at what no activity tells: that there is none. */
const lookMs = 5000;

/** What a launcher can find out by itself. What it takes back is no longer believed. */
const launcherSources: ReadonlySet<StatusSource> = new Set(['osc', 'title', 'screen', 'process']);

/** What is known of one terminal, by the coordinator's clock: launchers elsewhere have clocks of their own. */
type Heard = {outputBytes: number; lastOutputAtMs: number; status?: StatusReport | undefined; isTold: boolean};

export type ActivityWatchOptions = {readonly orchestrator: Orchestrator; readonly launcher: LauncherPort; readonly log: Log};

/**
 * Tells State what terminals show of their agents: the status their output speaks of, and silence that has become too long or is over.
 * Only what is news is told. Returns how to end that.
 */
export const watchActivity = ({orchestrator, launcher, log}: ActivityWatchOptions): (() => void) => {
	/** By pty. */
	const heard = new Map<string, Heard>();

	const runOf = (ptyId: string): Run | undefined => {
		const run = orchestrator.getState().runs[ptyId.slice(0, ptyId.lastIndexOf('.'))];
		const isCurrent = run !== undefined && isLive(run) && ptyIdOf({runId: run.id, generation: run.generation}) === ptyId;
		return isCurrent ? run : undefined;
	};

	const heardOf = (ptyId: string): Heard => {
		const known = heard.get(ptyId);
		if (known) {
			return known;
		}

		// What it did before anybody listened is not known: its silence counts from now.
		const fresh = {outputBytes: 0, lastOutputAtMs: orchestrator.now(), isTold: true};
		heard.set(ptyId, fresh);
		return fresh;
	};

	const send = (command: Parameters<Orchestrator['send']>[0]): void => {
		const actor = {role: 'launcher', launcherId: launcher.launcherId} as const;
		orchestrator.send(command, {actor}).catch((error: unknown) => {
			log(`Could not tell the ${command.type} of an agent.`, error);
		});
	};

	const tellStatus = ({id, generation}: Run, status: AgentStatus): void => {
		send({type: 'agent.report', runId: id, generation, report: {kind: 'status', status}});
	};

	/** What the terminal speaks of; or, once it has taken that back, what its output lets guess. */
	const shownStatus = (run: Run, {status, lastOutputAtMs, isTold}: Heard, nowMs: number): AgentStatus | undefined => {
		if (status) {
			// Said again only by being told again: else it grows old.
			return statusOf({...status, atMs: isTold ? (run.status?.seenMs ?? nowMs) : nowMs});
		}

		const isOrphaned = run.status !== undefined && (launcherSources.has(run.status.source) || run.status.source === 'guess');
		return isOrphaned ? guessedStatus({lastOutputAtMs, nowMs}) : undefined;
	};

	const follow = (run: Run, known: Heard): void => {
		const nowMs = orchestrator.now();
		const status = shownStatus(run, known, nowMs);
		known.isTold = true;
		if (status && isStatusNews(run.status, status, nowMs)) {
			tellStatus(run, status);
		}

		const {lastOutputAtMs} = known;
		if (isSilenceNews(orchestrator.getState(), run, {lastOutputAtMs, nowMs})) {
			send({type: 'agent.output', runId: run.id, generation: run.generation, lastOutputAtMs});
		}
	};

	const hear = ({ptyId, outputBytes, status}: Activity): void => {
		const run = runOf(ptyId);
		if (!run) {
			return;
		}

		const known = heardOf(ptyId);
		if (outputBytes > known.outputBytes) {
			known.lastOutputAtMs = orchestrator.now();
		}

		known.isTold = status?.atMs === known.status?.atMs && status?.activity === known.status?.activity;
		Object.assign(known, {outputBytes, status});
		// Guesses can wait for the next look: a terminal may write ten times a second.
		if (status || run.stuckSinceMs !== undefined) {
			follow(run, known);
		}
	};

	const look = (): void => {
		const {index, runs} = orchestrator.getState();
		const current = new Set<string>();
		for (const id of index.live) {
			const ptyId = ptyIdOf({runId: id, generation: runs[id]!.generation});
			current.add(ptyId);
			follow(runs[id]!, heardOf(ptyId));
		}

		for (const ptyId of heard.keys()) {
			if (!current.has(ptyId)) {
				heard.delete(ptyId);
			}
		}
	};

	const timer = setInterval(look, lookMs);
	timer.unref();
	const unsubscribe = launcher.onActivity(hear);
	return () => {
		clearInterval(timer);
		unsubscribe();
	};
};
