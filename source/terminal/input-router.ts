import {createEmitter, type Emitter} from './emitter.js';
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

type Routing = {
	readonly parser: InputParser;
	readonly events: Emitter<[InputEvent]>;
	readonly startTimer: StartTimer;
	/** Who has the input; the console where there is nobody. */
	receiver: ((bytes: Uint8Array) => void) | undefined;
	stopTimer: (() => void) | undefined;
};

const stopWaiting = (routing: Routing): void => {
	routing.stopTimer?.();
	routing.stopTimer = undefined;
};

const fallSilent = (routing: Routing): void => {
	routing.stopTimer = undefined;
	const event = routing.parser.silence();
	if (event) {
		routing.events.emit(event);
	}
};

const read = (routing: Routing, bytes: Uint8Array, isWhole: boolean): void => {
	const {parser, events, startTimer} = routing;
	stopWaiting(routing);
	parser.feed(bytes, {isWhole});
	// One at a time, so that who hears one event may send the rest of the chunk elsewhere.
	for (let event = parser.next(); event; event = routing.receiver ? undefined : parser.next()) {
		events.emit(event);
	}

	const waitMs = routing.receiver ? undefined : parser.patienceMs();
	if (waitMs !== undefined) {
		stopWaiting(routing);
		routing.stopTimer = startTimer(() => fallSilent(routing), waitMs);
	}
};

/**
 * Where the operator's bytes go: at any time either to the console, as events, or raw to one receiver. `divert` takes effect within a chunk: the
 * bytes behind the key that caused it go to the receiver already.
 */
export const createInputRouter = ({startTimer = startSystemTimer}: {readonly startTimer?: StartTimer} = {}) => {
	const parser = createInputParser();
	const events = createEmitter<[InputEvent]>();
	const routing: Routing = {parser, events, startTimer, receiver: undefined, stopTimer: undefined};

	return {
		/** Takes one chunk as it was read from the terminal. */
		push(bytes: Uint8Array): void {
			if (routing.receiver) {
				routing.receiver(bytes);
			} else {
				read(routing, bytes, true);
			}
		},
		/** Hears the console's events until the returned function is called. */
		onInput: (listener: InputListener): (() => void) => events.listen(listener),
		/** Sends everything from now on to `receiver`, beginning with the unread bytes of the present chunk. */
		divert(receiver: (bytes: Uint8Array) => void): void {
			stopWaiting(routing);
			routing.receiver = receiver;
			const rest = parser.takeRest();
			if (rest.length > 0) {
				receiver(rest);
			}
		},
		/** Gives the input back to the console, together with bytes that were meant for it. */
		restore(rest: Uint8Array = new Uint8Array()): void {
			routing.receiver = undefined;
			if (rest.length > 0) {
				read(routing, rest, false);
			}
		},
		/** Forgets what is unfinished. */
		close: (): void => stopWaiting(routing),
	};
};
