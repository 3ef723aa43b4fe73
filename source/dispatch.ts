import {nextDueMs} from '../state/due.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

/** Between two looks at the queue that nothing asked for: a net under the events, never the way things normally start. */
const sweepMs = 30_000;

/** Node's timers hold 31 bits; nothing here is further away than that in practice. */
const longestTimerMs = 2 ** 31 - 1;

const system = {actor: {role: 'system'}} as const;

/**
 * Starts what may start as soon as anything changes, and lets time do its part exactly when it is due. Returns how to stop it.
 * Claims follow one another, never overlap: each sees the slots that the one before it took.
 */
export const startDispatch = ({orchestrator, log}: {orchestrator: Orchestrator; log: Log}): (() => void) => {
	let isRunning = false;
	let isWanted = false;
	let isStopped = false;
	let timer: NodeJS.Timeout | undefined;

	const claimAll = async (): Promise<void> => {
		for (;;) {
			const sent = await orchestrator.send({type: 'queue.dispatch'}, system);
			if (isStopped || sent.refused || sent.facts.length === 0) {
				return;
			}
		}
	};

	const sleepUntilDue = (): void => {
		clearTimeout(timer);
		const nowMs = orchestrator.now();
		// While nothing can be kept nothing becomes true, however long it has been due; the store is heard when it can again.
		const dueMs = orchestrator.failure ? undefined : nextDueMs(orchestrator.getState(), nowMs);
		const waitMs = dueMs === undefined ? sweepMs : Math.min(sweepMs, longestTimerMs, Math.max(0, dueMs - nowMs));
		timer = setTimeout(tick, waitMs);
		timer.unref();
	};

	const run = async (): Promise<void> => {
		isWanted = true;
		if (isRunning || isStopped) {
			return;
		}

		isRunning = true;
		try {
			while (isWanted && !isStopped) {
				isWanted = false;
				await claimAll();
			}
		} catch (error) {
			log('Could not dispatch; the next change or sweep tries again.', error);
		} finally {
			isRunning = false;
		}

		if (!isStopped) {
			sleepUntilDue();
		}
	};

	const tick = async (): Promise<void> => {
		try {
			await orchestrator.send({type: 'clock.tick'}, system);
		} catch (error) {
			log('Could not let due things happen; the next sweep tries again.', error);
		}

		await run();
	};

	const unsubscribe = orchestrator.subscribe(() => {
		void run();
	});
	void tick();

	return () => {
		isStopped = true;
		clearTimeout(timer);
		unsubscribe();
	};
};
