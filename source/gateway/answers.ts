import {z} from 'zod';
import {lanes} from '../../state/queue/lane.js';

/**
 * What the gateway answers with, for the document of the interface. Only what scripts may rely on is named; answers may hold more.
 */

const moment = z.number().describe('ms since 1970');
const text = z.string();

export const errorAnswer = z
	.object({
		error: z.object({
			code: text.describe('a stable name, for programs'),
			message: text.describe('one sentence, for people'),
			retry_after_ms: z.number().optional().describe('with RATE_LIMITED: when to come back'),
		}),
	})
	.meta({id: 'Error'});

const runState = z
	.enum(['queued', 'starting', 'running', 'waiting', 'stopping', 'dead', 'succeeded', 'failed', 'timed_out', 'cancelled', 'lost'])
	.meta({id: 'RunState'});

const lane = z.enum(lanes).meta({id: 'Lane'});

export const run = z
	.looseObject({
		id: text,
		session_id: text,
		text,
		lane,
		state: runState,
		since_ms: moment,
		queued_at_ms: moment,
		by: text,
		generation: z.number().describe('the number of the newest attempt; 0 before the first'),
		reason: text.optional().describe('why it waits'),
		pid: z.number().optional(),
		exit_code: z.number().nullable().optional(),
		signal: z.number().nullable().optional(),
	})
	.meta({id: 'Run'});

/** What is told of a run that was just queued or changed. */
const runRef = z
	.looseObject({id: text, session_id: text.optional(), state: runState.optional(), lane: lane.optional()})
	.meta({id: 'RunRef'});

const briefRun = z.looseObject({id: text, state: runState, since_ms: moment}).nullable();

const session = z
	.looseObject({
		id: text,
		agent: text,
		label: text,
		cwd: text,
		parent_id: text.optional(),
		root_id: text,
		depth: z.number(),
		state: text,
		active_run: briefRun,
		last_run: briefRun,
		queued_count: z.number(),
		child_ids: z.array(text),
	})
	.meta({id: 'Session'});

const sessionRef = z.looseObject({id: text, agent: text, label: text, cwd: text, parent_id: text.optional()}).meta({id: 'SessionRef'});

export const event = z
	.looseObject({
		seq: z.number().describe('the cursor to go on from; what became true together shares it'),
		type: text,
		at_ms: moment,
		session_id: text.optional(),
		run_id: text.optional(),
		data: z.unknown(),
	})
	.meta({id: 'Event'});

export const escalation = z
	.looseObject({
		id: text,
		run_id: text,
		session_id: text,
		kind: text,
		text,
		state: text,
		choices: z.array(text),
		fingerprint: text.describe('a decision must name it'),
		raised_at_ms: moment,
		expires_at_ms: moment,
	})
	.meta({id: 'Escalation'});

const breaker = z.looseObject({key: text, state: text}).meta({id: 'Breaker'});
const counts = z.record(text, z.number()).meta({id: 'QueueCounts'});

export const nothing = z.looseObject({});
export const made = z.looseObject({session: sessionRef, run: runRef.optional()});
export const queuedRun = z.looseObject({run: runRef});
export const changedRun = z.looseObject({run: runRef.optional()});
export const oneRun = z.looseObject({run});
export const oneSession = z.looseObject({session, runs: z.array(run), messages: z.array(z.looseObject({at_ms: moment, role: text, text}))});
export const sessions = z.looseObject({sessions: z.array(session)});
export const eventPage = z.looseObject({
	events: z.array(event),
	next_cursor: z.number(),
	has_more: z.boolean(),
	gap: z.looseObject({from_seq: z.number(), to_seq: z.number()}).optional(),
});

export const waited = z.looseObject({
	run,
	done: z.boolean(),
	timed_out: z.boolean(),
	result: text.optional().describe('for a parent that waits: what the child left behind, wrapped as data'),
});

const diagnostics = z
	.looseObject({
		worker_id: text.nullable(),
		worker_alive: z.boolean(),
		alive_workers: z.number(),
		max_concurrency: z.number(),
		queue_counts: counts,
		queue_position: z.number().nullable(),
		active_pid: z.number().nullable(),
		likely_issue: text.nullable(),
		issue_code: text.nullable(),
		next_step: text.nullable(),
		why: z.array(text).describe('the whole of it in plain lines, as the console shows it'),
		codex_invocation: z.looseObject({profile: text.nullable(), extra_args: z.array(text)}).nullable(),
	})
	.meta({id: 'Diagnostics'});
export const diagnosis = z.looseObject({run, diagnostics});

const queueRow = z.looseObject({
	position: z.number(),
	id: text,
	session_id: text,
	label: text,
	agent: text,
	lane,
	reason: text.nullable(),
	sentence: text.nullable(),
});
export const queue = z.looseObject({
	paused_by: text.nullable(),
	draining_by: text.nullable(),
	queue_counts: counts,
	runs: z.array(queueRow),
});
export const deadLetters = z.looseObject({runs: z.array(run)});

export const raised = z.looseObject({escalation: z.looseObject({id: text})}).or(z.looseObject({id: text, state: text}));
export const escalations = z.looseObject({escalations: z.array(escalation)});
export const oneEscalation = z.looseObject({escalation});

export const health = z.looseObject({status: z.enum(['ok', 'failing']), name: text, version: text});
export const status = z.looseObject({
	daemon_health: z.enum(['ok', 'degraded', 'failing']),
	why: text.nullable(),
	version: text,
	alive_workers: z.number(),
	max_concurrency: z.number(),
	queue_counts: counts,
});
export const agents = z.looseObject({
	agents: z.array(z.looseObject({name: text, adapter: text, file: text.nullable(), version: text.nullable(), why: text.nullable()})),
});
export const launchers = z.looseObject({
	launchers: z.array(z.looseObject({id: text, host: text, pid: z.number(), state: z.enum(['online', 'offline'])})),
});
export const limits = z.looseObject({
	limits: z.array(z.looseObject({name: text, value: z.number(), used: z.number().nullable(), meaning: text})),
});
export const breakers = z.looseObject({breakers: z.array(breaker)});
export const oneBreaker = z.looseObject({breaker: z.looseObject({state: text})});
export const providers = z.looseObject({
	providers: z.array(z.looseObject({name: text, until_ms: moment.nullable(), sentence: text.nullable(), agents: z.array(text)})),
});
export const alerts = z.looseObject({
	alerts: z.array(z.looseObject({key: text, level: text, state: text, sentence: text, raised_at_ms: moment})),
});
