import type {Orchestrator} from '../orchestrator.js';

/** Node's timers hold 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Resolves with what `look` finds as soon as it finds something: it looks first and then listens, so that what happened in between is
 * not missed. Resolves with `undefined` when the time is over or the signal aborts; waiting changes nothing.
 */
export const until = <Found>(
	orchestrator: Orchestrator,
	look: () => Found | undefined,
	{signal, timeoutMs}: {readonly signal: AbortSignal; readonly timeoutMs?: number},
): Promise<Found | undefined> =>
	new Promise(resolve => {
		let timer: NodeJS.Timeout | undefined;
		const finish = (found: Found | undefined): void => {
			clearTimeout(timer);
			unsubscribe();
			signal.removeEventListener('abort', giveUp);
			resolve(found);
		};
		const giveUp = (): void => finish(undefined);
		const settle = (): void => {
			const found = look();
			if (found !== undefined) {
				finish(found);
			}
		};

		const unsubscribe = orchestrator.subscribe(settle);
		signal.addEventListener('abort', giveUp);
		if (timeoutMs !== undefined) {
			timer = setTimeout(giveUp, Math.min(longestTimerMs, timeoutMs));
		}

		if (signal.aborted) {
			giveUp();
		} else {
			settle();
		}
	});
