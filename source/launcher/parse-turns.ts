/** Something that has bytes to parse. */
export type ParseJob = {
	/** Works until it is done or `deadlineMs` (of `performance.now()`) has passed; tells whether it is done. Must not throw. */
	work(deadlineMs: number): boolean;
};

export type ParseTurns = {
	/** Works on the job as soon as the event loop comes round. */
	soon(job: ParseJob): void;
	/** Works on the job within the coalescing time. */
	later(job: ParseJob): void;
	forget(job: ParseJob): void;
};

/** How long one turn may keep the event loop: keys and other agents wait no longer. */
export const sliceMs = 4;

const coalesceMs = 50;

/**
 * Shares the event loop among many screens: all of them together work at most `sliceMs` in one go, each in its turn. What can
 * wait is collected for 50 ms, as parsing many small chunks at once costs less.
 */
export const createParseTurns = (): ParseTurns => {
	const ready = new Set<ParseJob>();
	const waiting = new Set<ParseJob>();
	let isCollecting = false;
	let isScheduled = false;

	const turn = (): void => {
		isScheduled = false;
		const deadlineMs = performance.now() + sliceMs;
		for (const job of ready) {
			ready.delete(job);
			if (!job.work(deadlineMs)) {
				ready.add(job);
			}

			if (performance.now() >= deadlineMs) {
				break;
			}
		}

		schedule();
	};

	const schedule = (): void => {
		if (ready.size > 0 && !isScheduled) {
			isScheduled = true;
			setImmediate(turn);
		}
	};

	const collect = (): void => {
		isCollecting = false;
		for (const job of waiting) {
			ready.add(job);
		}

		waiting.clear();
		schedule();
	};

	return {
		soon(job) {
			waiting.delete(job);
			ready.add(job);
			schedule();
		},
		later(job) {
			if (ready.has(job)) {
				return;
			}

			waiting.add(job);
			if (!isCollecting) {
				isCollecting = true;
				setTimeout(collect, coalesceMs);
			}
		},
		forget(job) {
			ready.delete(job);
			waiting.delete(job);
		},
	};
};

/** The turns of this process: there is one event loop to share. */
export const parseTurns = createParseTurns();
