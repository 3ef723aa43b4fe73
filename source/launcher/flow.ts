/** Keeps one pty from drowning the others: decides when reading pauses. */
export type Flow = {
	/** A chunk was read. */
	took(bytes: number): void;
	/** Somebody looks: the budget is lifted, the screen's watermark stays. */
	setWatched(isWatched: boolean): void;
	/** The screen has caught up a little. */
	parsed(): void;
	/** The child has gone: never pauses again. */
	end(): void;
};

/** What an unwatched pty may write, and how much of it at a stroke. */
const bytesPerMs = 2 * 1024 * 1.024;
const burstBytes = 256 * 1024;
/** A pause lasts until this much may be read again, so that a flood costs few timers. */
const refillBytes = 48 * 1024;
/** Longer pauses would be seen, and would keep a child waiting that is about to exit. */
const longestPauseMs = 50;
/** How far a screen's parser may fall behind, and where reading goes on. */
const highWaterBytes = 512 * 1024;
const lowWaterBytes = 128 * 1024;

/**
 * A token bucket of 2 MB/s for a pty that nobody watches, and a watermark on what its screen has not parsed yet for any.
 * No pause is longer than 50 ms; a pty that is still too far ahead then pauses again at its next chunk.
 */
export const createFlow = ({
	pause,
	resume,
	pendingBytes,
	now = () => performance.now(),
}: {
	readonly pause: () => void;
	readonly resume: () => void;
	readonly pendingBytes: () => number;
	/** Milliseconds that never step. */
	readonly now?: () => number;
}): Flow => {
	let tokens = burstBytes;
	let refilledAtMs = now();
	let isWatched = false;
	let hasEnded = false;
	let timer: NodeJS.Timeout | undefined;
	let waitsForParser = false;

	const refill = () => {
		const atMs = now();
		tokens = Math.min(burstBytes, tokens + (atMs - refilledAtMs) * bytesPerMs);
		refilledAtMs = atMs;
	};

	const goOn = () => {
		if (timer) {
			clearTimeout(timer);
			timer = undefined;
			waitsForParser = false;
			resume();
		}
	};

	const pauseFor = (milliseconds: number) => {
		timer = setTimeout(goOn, Math.min(longestPauseMs, Math.ceil(milliseconds)));
		pause();
	};

	return {
		took(bytes) {
			tokens -= bytes;
			if (hasEnded || timer) {
				return;
			}

			if (tokens < 0) {
				refill();
			}

			const isParserBehind = pendingBytes() > highWaterBytes;
			const isFlooding = !isWatched && tokens < 0;
			if (isParserBehind) {
				waitsForParser = true;
				pauseFor(longestPauseMs);
			} else if (isFlooding) {
				pauseFor((refillBytes - tokens) / bytesPerMs);
			} else if (tokens < 0) {
				// Watched: what it wrote meanwhile is no debt.
				tokens = 0;
			}
		},
		setWatched(next) {
			isWatched = next;
			if (isWatched && !waitsForParser) {
				goOn();
			}
		},
		parsed() {
			if (waitsForParser && pendingBytes() < lowWaterBytes) {
				goOn();
			}
		},
		end() {
			hasEnded = true;
			goOn();
		},
	};
};
