import {z} from 'zod';
import type {Command} from '../../state/command.js';
import {decisionScopes} from '../../state/escalation/escalation.js';
import {lanes} from '../../state/queue/lane.js';
import {alertKey, breakerKey, escalationId, grantId, providerName, runId, sessionId} from './schemas.js';

const text = z.string().max(256 * 1024);
const lane = z.enum(lanes).optional();

const moment = z.number().int().min(0);
const tags = z.array(z.string().min(1).max(64)).max(20).optional();

const options = {
	lane,
	dependsOn: z.array(runId).max(100).optional(),
	onDependencyFailure: z.enum(['fail', 'release']).optional(),
	demands: tags,
	retry: z.boolean().optional(),
	isPreemptible: z.boolean().optional(),
	preempts: z.boolean().optional(),
	deadlineAtMs: moment.optional(),
};

const bare = <Type extends 'fleet.stop' | `queue.${'pause' | 'resume' | 'drain' | 'undrain'}`>(type: Type) =>
	z.object({type: z.literal(type)});
const ofRun = <Type extends string>(type: Type) => z.object({type: z.literal(type), runId});
const ofBreaker = <Type extends string>(type: Type) => z.object({type: z.literal(type), key: breakerKey});

const ofSessions = [
	z.object({
		type: z.literal('session.create'),
		agent: z.string().min(1).max(64),
		cwd: z.string().startsWith('/').max(4096),
		label: z.string().max(200).optional(),
		text: text.optional(),
		parentRunId: runId.optional(),
		tags,
		onParentSuccess: z.enum(['keep', 'cancel']).optional(),
		...options,
	}),
	z.object({type: z.literal('session.rename'), sessionId, label: z.string().max(200)}),
	z.object({type: z.literal('message.send'), sessionId, text, mode: z.enum(['queue', 'steer', 'interrupt']).optional(), ...options}),
	z.object({type: z.literal('message.type'), sessionId, text}),
	z.object({type: z.literal('session.stop'), sessionId, tree: z.boolean()}),
] as const;

const ofRuns = [
	ofRun('run.cancel'),
	ofRun('run.hold'),
	ofRun('run.unhold'),
	ofRun('run.move').extend({to: z.enum(['first', 'last'])}),
	ofRun('run.prioritise').extend({lane: z.enum(lanes)}),
	ofRun('run.force-start'),
	ofRun('run.rerun'),
	ofRun('deadletter.retry'),
	ofRun('deadletter.drop'),
] as const;

const ofEscalations = [
	z.object({
		type: z.literal('escalation.show'),
		escalationId,
		frame: z.string().max(1024 * 1024),
		columns: z.number().int().positive(),
		rows: z.number().int().positive(),
		text: z
			.string()
			.max(1024 * 1024)
			.optional(),
	}),
	z.object({
		type: z.literal('escalation.decide'),
		escalationId,
		fingerprint: z.string().max(128),
		choice: z.enum(['approve', 'deny', 'answer']),
		text: text.optional(),
		word: z.string().max(64).optional(),
		scope: z.enum(decisionScopes).optional(),
		lifetimeMs: z.number().int().positive().optional(),
		maxUses: z.number().int().positive().optional(),
	}),
	z.object({type: z.literal('escalation.withdraw'), escalationId, why: z.string().max(1000)}),
	z.object({type: z.literal('grant.revoke'), grantId}),
] as const;

const ofFleet = [
	bare('fleet.stop'),
	bare('queue.pause'),
	bare('queue.resume'),
	bare('queue.drain'),
	bare('queue.undrain'),
	ofBreaker('breaker.trip'),
	ofBreaker('breaker.reset'),
	ofBreaker('breaker.hold'),
	z.object({type: z.literal('provider.limit'), provider: providerName, sentence: z.string().max(1000), untilMs: moment.optional()}),
	z.object({type: z.literal('provider.clear'), provider: providerName}),
	z.object({type: z.literal('alert.acknowledge'), key: alertKey}),
] as const;

const command = z.discriminatedUnion('type', [...ofSessions, ...ofRuns, ...ofEscalations, ...ofFleet]);

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
