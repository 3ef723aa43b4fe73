import {z} from 'zod';
import type {Command} from '../../state/command.js';
import {lanes} from '../../state/lane.js';
import {breakerKey, escalationId, runId, sessionId} from './schemas.js';

const text = z.string().max(256 * 1024);
const lane = z.enum(lanes).optional();

const bare = (type: 'fleet.stop' | 'queue.pause' | 'queue.resume') => z.object({type: z.literal(type)});
const ofBreaker = (type: 'breaker.trip' | 'breaker.reset' | 'breaker.hold') => z.object({type: z.literal(type), key: breakerKey});

const command = z.discriminatedUnion('type', [
	z.object({
		type: z.literal('session.create'),
		agent: z.string().min(1).max(64),
		cwd: z.string().startsWith('/').max(4096),
		label: z.string().max(200).optional(),
		text: text.optional(),
		lane,
		parentRunId: runId.optional(),
	}),
	z.object({type: z.literal('session.rename'), sessionId, label: z.string().max(200)}),
	z.object({type: z.literal('message.send'), sessionId, text, lane}),
	z.object({type: z.literal('message.type'), sessionId, text}),
	z.object({type: z.literal('session.stop'), sessionId, tree: z.boolean()}),
	z.object({type: z.literal('run.cancel'), runId}),
	bare('fleet.stop'),
	bare('queue.pause'),
	bare('queue.resume'),
	z.object({
		type: z.literal('escalation.show'),
		escalationId,
		frame: z.string().max(1024 * 1024),
		columns: z.number().int().positive(),
		rows: z.number().int().positive(),
	}),
	z.object({
		type: z.literal('escalation.decide'),
		escalationId,
		fingerprint: z.string().max(128),
		choice: z.enum(['approve', 'deny', 'answer']),
		text: text.optional(),
	}),
	z.object({type: z.literal('escalation.withdraw'), escalationId, why: z.string().max(1000)}),
	ofBreaker('breaker.trip'),
	ofBreaker('breaker.reset'),
	ofBreaker('breaker.hold'),
]);

const request = z.object({
	type: z.literal('command'),
	id: z.number().int().min(0),
	command,
	idempotencyKey: z.string().min(1).max(200).optional(),
});

/** What a console may ask of the coordinator it is connected to: an operator's commands, nothing of launchers or the system. */
export type ConsoleRequest = {readonly id: number; readonly command: Command; readonly idempotencyKey: string | undefined};

/** A console's request as its schema has it; `undefined` for anything else. */
export const readConsoleRequest = (message: unknown): ConsoleRequest | undefined => {
	const parsed = request.safeParse(message);
	if (!parsed.success) {
		return undefined;
	}

	const {id, command: asked, idempotencyKey} = parsed.data;
	const present = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
	return {id, command: present as unknown as Command, idempotencyKey};
};
