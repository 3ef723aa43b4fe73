import {z} from 'zod';
import type {Json} from '../../state/json.js';
import * as answers from './answers.js';
import {replyParentBody, runId, sendBody, sessionId, spawnBody, waitQuery} from './schemas.js';

/** A request to the gateway that a tool makes. */
export type ToolRequest = {readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: Readonly<Record<string, unknown>>};

/** Who uses the tools. */
export type ToolUser = {
	/** The run of the agent; `undefined` for an operator. */
	readonly ownRunId: string | undefined;
	/** A fresh idempotency key: a request that is made again because a connection broke is done once. */
	readonly newKey: () => string;
};

/** One tool: what it is told to be, what it asks the gateway and how its answer reads. */
export type Tool = {
	readonly name: string;
	readonly description: string;
	readonly input: z.ZodObject;
	readonly output: z.ZodType;
	/** It only looks. */
	readonly isReading: boolean;
	/** Makes the request; a text says why there is none to make. */
	request(input: never, user: ToolUser): ToolRequest | string;
	/** The answer in few words, for a model. */
	say(answer: Answer): string;
};

type Answer = Readonly<Record<string, Json | undefined>>;

const fieldsOf = (value: Json | undefined): Answer =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answer) : {};

const tool = <Input extends z.ZodObject>(
	definition: Omit<Tool, 'input' | 'request'> & {
		readonly input: Input;
		request(input: z.output<Input>, user: ToolUser): ToolRequest | string;
	},
): Tool => definition as unknown as Tool;

const at = (...parts: readonly string[]): string => `/${parts.map(encodeURIComponent).join('/')}`;

/** The fields of a body without its name for a text that tools do not use. */
const spawnInput = z.object(spawnBody.shape).omit({text: true}).required({task: true});

const spawn = tool({
	name: 'spawn',
	description: 'Starts a child agent with a task, in a session of its own below yours. Returns at once: use wait for its end.',
	input: spawnInput,
	output: answers.made,
	isReading: false,
	request: ({task, ...rest}, {newKey}) => ({method: 'POST', path: '/sessions', body: {...rest, text: task, idempotency_key: newKey()}}),
	say(answer) {
		const [session, run] = [fieldsOf(answer['session']), fieldsOf(answer['run'])];
		return `Queued ${run['id']} in ${session['id']} (${session['agent']}).`;
	},
});

const send = tool({
	name: 'send',
	description: 'Sends a message to a session of your tree; it becomes that session’s next run unless mode says otherwise.',
	input: z.object({...sendBody.shape, mode: sendBody.shape.mode.unwrap().exclude(['type']).optional(), session_id: sessionId}),
	output: answers.queuedRun,
	isReading: false,
	request: ({session_id: id, ...body}, {newKey}) => ({
		method: 'POST',
		path: at('sessions', id, 'send'),
		body: {...body, idempotency_key: newKey()},
	}),
	say: answer => `Sent: ${fieldsOf(answer['run'])['id']}.`,
});

const wait = tool({
	name: 'wait',
	description:
		'Waits until a run has ended and returns what it left behind. Your own slot is free meanwhile. Running out of time cancels nothing: call it again.',
	input: z.object({run_id: runId, timeout_s: waitQuery.shape.timeout_s.unwrap().default(50)}),
	output: answers.waited,
	isReading: true,
	request: ({run_id: id, timeout_s: timeoutS}) => ({method: 'GET', path: `${at('runs', id, 'wait')}?timeout_s=${timeoutS}`}),
	say({run: told, done, result}) {
		const run = fieldsOf(told);
		const state = done === true ? `${run['id']} ended: ${run['state']}.` : `${run['id']} is still ${run['state']}; it was not cancelled.`;
		return typeof result === 'string' ? `${state}\n${result}` : state;
	},
});

const replyParent = tool({
	name: 'reply_parent',
	description:
		'Asks your parent, or the operator: for approval, permission or an answer; or leaves a notice. Waits for the decision unless wait is false.',
	input: replyParentBody.extend({wait: z.boolean().optional().describe('true unless it is a notice')}),
	output: answers.nothing,
	isReading: false,
	request({wait: wanted, ...body}, {ownRunId, newKey}) {
		const isWaiting = wanted ?? body.request_kind !== 'notice';
		return ownRunId === undefined
			? 'Only an agent has a parent to ask; this token is an operator’s.'
			: {method: 'POST', path: at('runs', ownRunId, 'reply-parent'), body: {...body, wait: isWaiting, idempotency_key: newKey()}};
	},
	say(answer) {
		const {state, choice, text, id} = answer['escalation'] === undefined ? answer : fieldsOf(answer['escalation']);
		const said = typeof text === 'string' && choice !== undefined ? `: ${text}` : '';
		return `${id}: ${choice ?? state}${said}`;
	},
});

const diagnose = tool({
	name: 'diagnose',
	description: 'Says why a run of your tree does not move, and what to do. Without run_id: your own run.',
	input: z.object({run_id: runId.optional()}),
	output: answers.diagnosis,
	isReading: true,
	request({run_id: named}, {ownRunId}) {
		const id = named ?? ownRunId;
		return id === undefined ? 'Name a run: run_id.' : {method: 'GET', path: at('runs', id, 'diagnose')};
	},
	say(answer) {
		const [run, found] = [fieldsOf(answer['run']), fieldsOf(answer['diagnostics'])];
		return `${run['id']} is ${run['state']}. ${found['likely_issue'] ?? 'Nothing is in its way.'} ${found['next_step'] ?? ''}`.trim();
	},
});

const list = tool({
	name: 'list',
	description: 'Lists the sessions of your tree with their states and newest runs.',
	input: z.object({}),
	output: answers.sessions,
	isReading: true,
	request: () => ({method: 'GET', path: '/sessions'}),
	say(answer) {
		const lines = ((answer['sessions'] ?? []) as readonly Json[]).map(item => {
			const session = fieldsOf(item);
			const run = fieldsOf(session['last_run']);
			return `${session['id']} ${session['agent']} ${JSON.stringify(session['label'])} ${session['state']} ${run['id'] ?? '-'}`;
		});
		return lines.length === 0 ? 'No sessions.' : lines.join('\n');
	},
});

/** What agents can do through MCP: the verbs of the gateway, by the schemas of its routes. */
export const tools: readonly Tool[] = [spawn, send, wait, replyParent, diagnose, list];
