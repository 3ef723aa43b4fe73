/** Something done at most once in an interval, however often it is asked for. */
export type Throttle = {
	/** Asks for it: done at once after a quiet interval, else at the end of the running one. */
	poke(): void;
	cancel(): void;
};

/** `action` is called from `poke` itself or from a timer; it must not throw. */
export const createThrottle = ({intervalMs, action}: {readonly intervalMs: number; readonly action: () => void}): Throttle => {
	let lastAtMs = Number.NEGATIVE_INFINITY;
	let timer: NodeJS.Timeout | undefined;

	const act = () => {
		timer = undefined;
		lastAtMs = performance.now();
		action();
	};

	return {
		poke() {
			if (timer) {
				return;
			}

			const waitMs = lastAtMs + intervalMs - performance.now();
			if (waitMs <= 0) {
				act();
			} else {
				timer = setTimeout(act, Math.ceil(waitMs));
			}
		},
		cancel() {
			clearTimeout(timer);
			timer = undefined;
		},
	};
};
