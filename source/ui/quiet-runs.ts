import type {Fleet} from '../fleet.js';
import {type LauncherPort, ptyIdOf} from '../launcher-port.js';

/** A running agent that wrote nothing for so long may be stuck. */
export const quietMs = 10 * 60_000;

/** Which running agents fell silent. What was before the console opened is not known: silence counts from then. */
export const createQuietRuns = ({fleet}: {readonly fleet: Fleet}) => {
	const {orchestrator} = fleet;
	const openedAtMs = orchestrator.now();
	const lastOutputMs = new Map<string, number>();
	let heard: LauncherPort | undefined;
	let stopListening: (() => void) | undefined;

	/** The launcher is reached after the first frame, and another one may take its place. */
	const listen = (): void => {
		const launcher = fleet.launcher();
		if (launcher === heard) {
			return;
		}

		stopListening?.();
		heard = launcher;
		stopListening = launcher?.onActivity(({ptyId}) => {
			lastOutputMs.set(ptyId, orchestrator.now());
		});
	};

	return {
		/** Ids of the runs that are silent now; call it now and then. */
		list(): readonly string[] {
			listen();
			const {runs, index} = orchestrator.getState();
			const nowMs = orchestrator.now();
			return [...index.live].filter(id => {
				const run = runs[id]!;
				const lastMs = Math.max(lastOutputMs.get(ptyIdOf({runId: id, generation: run.generation})) ?? 0, run.sinceMs, openedAtMs);
				return run.state === 'running' && nowMs - lastMs >= quietMs;
			});
		},
		close(): void {
			stopListening?.();
		},
	};
};
