import type {RawData, WebSocket} from 'ws';
import {refuse} from '../../state/refusal.js';
import {savedState} from '../../state/state.js';
import {type FleetMessage, fleetProtocol} from '../fleet-protocol.js';
import type {Caller} from './auth.js';
import type {GatewayContext} from './context.js';
import {readConsoleRequest} from './fleet-commands.js';

/** A console this far behind is cut off: it comes back and starts from a fresh snapshot. */
const mostBehindBytes = 16 * 1024 * 1024;

/** The id of a request that could otherwise not be read, so that its sender is not left waiting. */
const idIn = (message: unknown): number | undefined =>
	typeof message === 'object' && message !== null && 'id' in message && typeof message.id === 'number' ? message.id : undefined;

const parsed = (data: RawData): unknown => {
	try {
		return JSON.parse(data.toString());
	} catch {
		return undefined;
	}
};

/** Serves one console: everything as of now, then every fact, and answers to its commands. Facts come before the answer they belong to. */
export const serveConsole = ({orchestrator, log}: GatewayContext, socket: WebSocket, {actor}: Caller): void => {
	const send = (message: FleetMessage): void => {
		socket.send(JSON.stringify(message));
		if (socket.bufferedAmount > mostBehindBytes) {
			socket.terminate();
		}
	};
	const failure = (): string | null => orchestrator.failure?.message ?? null;

	const recent = orchestrator.recent();
	send({
		type: 'hello',
		protocol: fleetProtocol,
		seq: recent.at(-1)?.seq ?? 0,
		saved: savedState(orchestrator.getState()),
		recent,
		failure: failure(),
		nowMs: orchestrator.now(),
	});
	const unsubscribe = orchestrator.subscribe(facts => send({type: 'facts', facts, failure: failure()}));
	socket.once('close', unsubscribe);

	const answer = async (message: unknown): Promise<void> => {
		const request = readConsoleRequest(message);
		const id = request?.id ?? idIn(message);
		if (id === undefined) {
			socket.close(1007, 'not a request');
			return;
		}

		if (!request) {
			const refused = refuse('INVALID', 'The coordinator does not know this command; it may be older than this console.');
			send({type: 'answer', id, refused});
			return;
		}

		try {
			const sent = await orchestrator.send(request.command, {actor, idempotencyKey: request.idempotencyKey});
			send({type: 'answer', id, ...(sent.refused ? {refused: sent.refused} : {facts: sent.facts, answer: sent.answer})});
		} catch (error) {
			log('Could not do what a console asked.', error);
			send({type: 'answer', id, error: error instanceof Error ? error.message : String(error)});
		}
	};

	socket.on('message', data => {
		void answer(parsed(data));
	});
};
