const firstPauseMs = 250;
const longestPauseMs = 5000;

export type LastingConnection = {close(): void};

/**
 * Keeps a connection to an agent: `run` connects and stays until the connection is over; it is called again with growing pauses, which
 * begin anew after one that was good. That nobody answers is usual while an agent starts: it is told once, after it has gone on for long.
 */
export const keepConnected = ({
	run,
	onTrouble,
	patienceMs = 60_000,
}: {
	/** `onGood` says that the connection works. Rejections and returns both end this try. */
	readonly run: (signal: AbortSignal, onGood: () => void) => Promise<void>;
	readonly onTrouble: (error: unknown) => void;
	/** How long it may fail before that is told. */
	readonly patienceMs?: number;
}): LastingConnection => {
	const closing = new AbortController();
	const {signal} = closing;
	let pauseMs = firstPauseMs;
	let lastGoodAtMs = performance.now();
	let isTold = false;
	let timer: NodeJS.Timeout | undefined;

	const onGood = (): void => {
		pauseMs = firstPauseMs;
		lastGoodAtMs = performance.now();
		isTold = false;
	};

	const attempt = async (): Promise<void> => {
		try {
			await run(signal, onGood);
		} catch (error) {
			const isLong = performance.now() - lastGoodAtMs >= patienceMs;
			if (isLong && !isTold && !signal.aborted) {
				isTold = true;
				onTrouble(error);
			}
		}

		if (!signal.aborted) {
			timer = setTimeout(() => void attempt(), pauseMs);
			timer.unref();
			pauseMs = Math.min(longestPauseMs, pauseMs * 2);
		}
	};

	void attempt();
	return {
		close() {
			closing.abort();
			clearTimeout(timer);
		},
	};
};
