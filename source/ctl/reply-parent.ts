import {randomUUID} from 'node:crypto';
import type {Json} from '../../state/json.js';
import {type ExitCode, exitCodes} from '../errors.js';
import type {Answer} from './client.js';
import {at, type Call, type Done} from './command.js';
import {usage} from './failure.js';
import type {Flags} from './flags.js';
import {persist} from './persist.js';
import {timedOut, timeLimit} from './time-limit.js';

const isRecord = (value: unknown): value is Readonly<Record<string, Json>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const readPayload = (text: string | undefined): Readonly<Record<string, Json>> => {
	if (text === undefined) {
		return {};
	}

	try {
		const value: unknown = JSON.parse(text);
		if (isRecord(value)) {
			return value;
		}
	} catch {
		// Told below, like any other text that is no JSON object.
	}

	throw usage('--payload must be a JSON object.');
};

/** What the request is about: of `--payload`, with `--tool`, `--argv` and `--cwd` laid over it. */
const payloadOf = (flags: Flags): Readonly<Record<string, unknown>> | undefined => {
	const [tool, cwd] = [flags.text('tool'), flags.text('cwd')];
	const payload = {
		...readPayload(flags.text('payload')),
		...(tool !== undefined && {tool}),
		...(flags.has('argv') && {argv: flags.all('argv')}),
		...(cwd !== undefined && {cwd}),
	};
	return Object.keys(payload).length === 0 ? undefined : payload;
};

/** What a decision means for a script: 0 approved or answered, 10 denied, 11 expired or withdrawn. */
const exitOf = (decision: Answer): ExitCode => {
	if (decision['state'] !== 'answered') {
		return exitCodes.notDecided;
	}

	return decision['choice'] === 'deny' ? exitCodes.denied : exitCodes.ok;
};

const escalationOf = (answer: Answer): Answer => {
	const {escalation} = answer;
	return isRecord(escalation) ? escalation : answer;
};

/**
 * Asks the parent, or the operator. With `--wait` it stays until there is a decision, prints that as one object and tells it by the exit
 * code; a coordinator that goes away meanwhile is sought again with the same idempotency key, so that nothing is asked twice.
 */
export const replyParent = async (call: Call): Promise<Done> => {
	const {client, flags, env, signal: outer} = call;
	const runId = flags.need('run-id');
	const isWaiting = flags.has('wait');
	const payload = payloadOf(flags);
	const key = flags.text('idempotency-key') ?? (isWaiting ? randomUUID() : undefined);
	const request = {
		method: 'POST',
		path: `${at('runs', runId)}/reply-parent`,
		body: {
			text: flags.need('text'),
			request_kind: flags.text('request-kind') ?? 'question',
			...(payload && {payload}),
			...(isWaiting && {wait: true}),
			...(key !== undefined && {idempotency_key: key}),
		},
	} as const;
	if (!isWaiting) {
		return {answer: await client.call({...request, signal: outer})};
	}

	using limit = timeLimit(flags.number('timeout-s'), outer, seconds => timedOut('Nobody decided', seconds));
	const {signal} = limit;
	// An agent was started by a coordinator: there is one, or there will be.
	const isExpected = env['AGENT_TUI_RUN_ID'] !== undefined;
	const answer = await persist(() => client.call({...request, quietMs: 0, signal}), {isExpected, signal});
	const decision = escalationOf(answer);
	return {answer: decision, exitCode: exitOf(decision)};
};
