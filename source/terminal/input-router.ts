import type {InputEvent} from './input-event.js';
import {createInputParser, type InputParser} from './input-parser.js';

/** Hears what the operator did. Must not throw. */
export type InputListener = (event: InputEvent) => void;

/** Starts a timer and returns what stops it. */
export type StartTimer = (callback: () => void, delayMs: number) => () => void;

export type InputRouter = ReturnType<typeof createInputRouter>;

const startSystemTimer: StartTimer = (callback, delayMs) => {
	const timer = setTimeout(callback, delayMs);
	return () => clearTimeout(timer);
};

/** Hands events out one at a time, so that the listener of one may send the rest of the chunk elsewhere. */
const deliver = (parser: InputParser, listeners: ReadonlySet<InputListener>, isConsole: () => boolean): void => {
	while (isConsole()) {
		const event = parser.next();
		if (!event) {
			return;
		}

		for (const listener of listeners) {
			listener(event);
		}
	}
};

/**
 * Where the operator's bytes go: at any time either to the console, as events, or raw to one receiver. `divert` takes effect within a chunk: the
 * bytes behind the key that caused it go to the receiver already.
 */
export const createInputRouter = ({startTimer = startSystemTimer}: {readonly startTimer?: StartTimer} = {}) => {
	const parser = createInputParser();
	const listeners = new Set<InputListener>();
	let receiver: ((bytes: Uint8Array) => void) | undefined;
	let stopTimer: (() => void) | undefined;

	const isConsole = () => receiver === undefined;

	const read = (bytes: Uint8Array, isWhole: boolean): void => {
		stopTimer?.();
		stopTimer = undefined;
		parser.feed(bytes, {isWhole});
		deliver(parser, listeners, isConsole);
		const waitMs = isConsole() ? parser.patienceMs() : undefined;
		if (waitMs !== undefined) {
			stopTimer = startTimer(fallSilent, waitMs);
		}
	};

	const fallSilent = (): void => {
		const event = parser.silence();
		stopTimer = undefined;
		if (event) {
			for (const listener of listeners) {
				listener(event);
			}
		}
	};

	return {
		/** Takes one chunk as it was read from the terminal. */
		push(bytes: Uint8Array): void {
			if (receiver) {
				receiver(bytes);
			} else {
				read(bytes, true);
			}
		},
		/** Hears the console's events until the returned function is called. */
		onInput(listener: InputListener): () => void {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		/** Sends everything from now on to `nextReceiver`, beginning with the unread bytes of the present chunk. */
		divert(nextReceiver: (bytes: Uint8Array) => void): void {
			stopTimer?.();
			stopTimer = undefined;
			receiver = nextReceiver;
			const rest = parser.takeRest();
			if (rest.length > 0) {
				nextReceiver(rest);
			}
		},
		/** Gives the input back to the console, together with bytes that were meant for it. */
		restore(rest: Uint8Array = new Uint8Array()): void {
			receiver = undefined;
			if (rest.length > 0) {
				read(rest, false);
			}
		},
		/** Forgets what is unfinished. */
		close(): void {
			stopTimer?.();
			stopTimer = undefined;
			listeners.clear();
		},
	};
};
