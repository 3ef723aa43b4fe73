import {applyAll} from '../state/apply.js';
import type {Command} from '../state/command.js';
import {refuse} from '../state/refusal.js';
import {createState, type SavedState, type State} from '../state/state.js';
import {openLine} from './coordinator-line.js';
import {ExpectedError, exitCodes} from './errors.js';
import {type FleetMessage, type FleetRequest, fleetProtocol} from './fleet-protocol.js';
import type {Orchestrator, Sent} from './orchestrator.js';
import {createPublisher} from './publisher.js';
import type {Recorded} from './store-port.js';

/** A coordinator in another process, behind the same promise; `close` leaves it. */
export type RemoteOrchestrator = Orchestrator & {close(): void};

type Hello = Extract<FleetMessage, {readonly type: 'hello'}>;
type Answer = Extract<FleetMessage, {readonly type: 'answer'}>;
type Mirror = ReturnType<typeof createMirror>;
type Waiting = {readonly resolve: (sent: Sent) => void; readonly reject: (error: Error) => void};

const lost = (): ExpectedError =>
	new ExpectedError('The connection to the coordinator was lost before it answered.', {
		hint: 'Look whether it happened before you ask again.',
		exitCode: exitCodes.unavailable,
	});

/** What a coordinator told, kept as State with the same `apply` that made it there. */
const createMirror = (hello: Hello) => {
	let state: State = createState(hello.saved);
	let fresh: SavedState | undefined;
	let lastSeq = hello.seq;
	const publisher = createPublisher({
		apply(facts) {
			if (fresh) {
				// A snapshot holds what the facts before it made true.
				state = createState(fresh);
				fresh = undefined;
			} else {
				applyAll(state, facts);
			}
		},
	});
	publisher.precede(hello.recent);
	return {
		...publisher,
		state: () => state,
		take(facts: readonly Recorded[]): void {
			lastSeq = facts.at(-1)?.seq ?? lastSeq;
			publisher.publish(facts);
		},
		/** After a reconnection: the State as it is now, and to listeners what they missed, as far as it is still known. */
		restart({saved, recent, seq}: Hello): void {
			fresh = saved;
			const missed = recent.filter(recorded => recorded.seq > lastSeq);
			lastSeq = Math.max(lastSeq, seq);
			publisher.publish(missed);
		},
	};
};

const protocolMismatch = (theirs: number): ExpectedError =>
	new ExpectedError(`The coordinator speaks version ${theirs} of the console's protocol, and this console version ${fleetProtocol}.`, {
		hint: 'Restart the older one of the two.',
		exitCode: exitCodes.unavailable,
	});

const sentOf = (message: Answer): Sent | ExpectedError => {
	if ('error' in message) {
		return new ExpectedError(message.error, {exitCode: exitCodes.ioError});
	}

	return 'refused' in message ? {refused: message.refused} : {facts: message.facts, answer: message.answer};
};

/** Commands that are on their way, and who waits for which answer. */
const createCalls = (transmit: (request: FleetRequest) => boolean) => {
	const waiting = new Map<number, Waiting>();
	let nextId = 1;
	return {
		call: (command: Command, idempotencyKey: string | undefined): Promise<Sent> =>
			new Promise((resolve, reject) => {
				const id = nextId;
				nextId += 1;
				waiting.set(id, {resolve, reject});
				const isSent = transmit({type: 'command', id, command, ...(idempotencyKey !== undefined && {idempotencyKey})});
				if (!isSent) {
					waiting.delete(id);
					const sentence = 'The coordinator is not connected now; nothing was sent. It is being sought again.';
					resolve({refused: refuse('STORE_FAILED', sentence)});
				}
			}),
		answer(message: Answer): void {
			const asker = waiting.get(message.id);
			waiting.delete(message.id);
			const sent = sentOf(message);
			if (sent instanceof ExpectedError) {
				asker?.reject(sent);
			} else {
				asker?.resolve(sent);
			}
		},
		loseAll(): void {
			const askers = [...waiting.values()];
			waiting.clear();
			for (const {reject} of askers) {
				reject(lost());
			}
		},
	};
};

/** What the coordinator told so far, in the form an `Orchestrator` needs; it starts with the first hello. */
const createReception = (onReady: (mirror: Mirror) => void) => {
	let mirror: Mirror | undefined;
	let failure: Error | undefined;
	let clock = {theirsMs: 0, oursMs: 0};
	const fail = (sentence: string | null): void => {
		failure = sentence === null ? undefined : new Error(sentence);
	};

	return {
		failure: () => failure,
		nowMs: () => Math.floor(clock.theirsMs + (performance.now() - clock.oursMs)),
		hello(hello: Hello): void {
			clock = {theirsMs: hello.nowMs, oursMs: performance.now()};
			fail(hello.failure);
			if (mirror) {
				mirror.restart(hello);
			} else {
				mirror = createMirror(hello);
				onReady(mirror);
			}
		},
		facts({facts, failure: sentence}: Extract<FleetMessage, {readonly type: 'facts'}>): void {
			fail(sentence);
			mirror?.take(facts);
		},
		lose(sentence: string): void {
			fail(sentence);
			mirror?.take([]);
		},
	};
};

/**
 * Connects to the coordinator (`agentd`) that has the state folder: an `Orchestrator` whose State follows the facts it is told.
 * Rejects with an `ExpectedError` when nobody answers or the token is not taken. A connection that is lost later comes back by itself:
 * `failure` is set meanwhile, commands are refused, and `getState` shows the last known State. Commands are sent as the operator whose
 * token it is, whatever actor is given.
 */
export const connectOrchestrator = ({socketPath, token}: {socketPath: string; token: string}): Promise<RemoteOrchestrator> =>
	new Promise((resolve, reject) => {
		const reception = createReception(mirror => {
			resolve({
				getState: mirror.state,
				subscribe: mirror.subscribe,
				recent: mirror.recent,
				get failure() {
					return reception.failure();
				},
				now: reception.nowMs,
				send: (command, {idempotencyKey}) => calls.call(command, idempotencyKey),
				close: line.close,
			});
		});
		const receive = (message: FleetMessage): void => {
			if (message.type === 'hello' && message.protocol !== fleetProtocol) {
				line.close();
				const mismatch = protocolMismatch(message.protocol);
				reception.lose(mismatch.message);
				reject(mismatch);
			} else if (message.type === 'answer') {
				calls.answer(message);
			} else if (message.type === 'hello') {
				reception.hello(message);
			} else {
				reception.facts(message);
			}
		};
		const line = openLine({
			socketPath,
			token,
			onMessage: receive,
			onLost() {
				calls.loseAll();
				reception.lose('The connection to the coordinator was lost; it is being sought again.');
			},
			onFirstFailure: reject,
		});
		const calls = createCalls(line.send);
	});
