import {ExpectedError, exitCodes} from '../errors.js';
import type {ClientMessage, LauncherMessage} from './protocol.js';

type Call = Extract<ClientMessage, {readonly id: number}>;
type Reply = Extract<LauncherMessage, {readonly type: 'result' | 'refused'}>;

/** A call without its number. */
export type CallBody = Call extends infer C ? (C extends Call ? Omit<C, 'id'> : never) : never;

/** Calls that wait for their answer. */
export type Calls = {
	/** Asks, and resolves with the answer or rejects with the refusal. */
	ask(body: CallBody): Promise<unknown>;
	answered(reply: Reply): void;
	/** Connected: asks again what can be asked twice. */
	up(): void;
	/** The connection broke: calls that must not be done twice fail now, the others wait a while for the next connection. */
	down(): void;
	/** Fails whatever still waits. */
	close(): void;
};

type Waiting = {readonly call: Call; readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void};

/** Typing a line or a key twice would submit it twice; an attachment belongs to its connection. */
const unrepeatable: ReadonlySet<Call['type']> = new Set(['typeLine', 'pressKeys', 'attach']);
const isRepeatable = ({type}: Call): boolean => !unrepeatable.has(type);

const doing: Readonly<Record<Call['type'], string>> = {
	spawn: 'start an agent',
	stop: 'stop an agent',
	typeLine: 'type into an agent',
	pressKeys: 'answer a prompt of an agent',
	text: 'read a screen',
	list: 'list the ptys',
	attach: 'attach to an agent',
};

const unreachable = 'the launcher cannot be reached';
const closed = 'the connection to the launcher was closed';

const lost = ({type}: Call, why: string): ExpectedError =>
	new ExpectedError(`Could not ${doing[type]}: ${why}.`, {hint: 'Try again once the launcher is back.', exitCode: exitCodes.unavailable});

/** `send` returns whether there is a connection to send over. `patienceMs` is how long calls wait for the next connection. */
export const createCalls = ({
	send,
	patienceMs = 30_000,
}: {
	readonly send: (message: ClientMessage) => boolean;
	readonly patienceMs?: number;
}): Calls => {
	const waiting = new Map<number, Waiting>();
	let lastId = 0;
	let timer: NodeJS.Timeout | undefined;
	let isClosed = false;

	const fail = (why: string, isConcerned: (call: Call) => boolean) => {
		for (const [id, {call, reject}] of waiting) {
			if (isConcerned(call)) {
				waiting.delete(id);
				reject(lost(call, why));
			}
		}
	};

	const waitForConnection = () => {
		if (!isClosed) {
			timer ??= setTimeout(() => {
				timer = undefined;
				fail(unreachable, () => true);
			}, patienceMs);
		}
	};

	return {
		async ask(body) {
			lastId += 1;
			const call = {...body, id: lastId} as Call;
			return new Promise((resolve, reject) => {
				waiting.set(call.id, {call, resolve, reject});
				const isSent = !isClosed && send(call);
				if (!isSent) {
					fail(isClosed ? closed : unreachable, one => one === call && (isClosed || !isRepeatable(call)));
					waitForConnection();
				}
			});
		},
		answered(reply) {
			const call = waiting.get(reply.id);
			waiting.delete(reply.id);
			if (reply.type === 'result') {
				call?.resolve(reply.value);
			} else {
				call?.reject(new ExpectedError(reply.message, {...(reply.hint !== undefined && {hint: reply.hint})}));
			}
		},
		up() {
			clearTimeout(timer);
			timer = undefined;
			for (const {call} of waiting.values()) {
				send(call);
			}
		},
		down() {
			fail('the connection to the launcher broke meanwhile', call => !isRepeatable(call));
			waitForConnection();
		},
		close() {
			isClosed = true;
			clearTimeout(timer);
			fail(closed, () => true);
		},
	};
};
