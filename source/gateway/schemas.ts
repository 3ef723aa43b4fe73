import {z} from 'zod';
import {decisionScopes} from '../../state/escalation/escalation.js';
import {lanes} from '../../state/queue/lane.js';
import {RequestError} from './request-error.js';

const longestText = 256 * 1024;

/** Ids are checked for their form before they are looked up, so that none of them can name something every object has. */
export const sessionId = z.string().regex(/^ses_[\w-]{1,64}$/);
export const runId = z.string().regex(/^run_[\w-]{1,64}$/);
export const escalationId = z.string().regex(/^esc_[\w-]{1,64}$/);
export const grantId = z.string().regex(/^grt_[\w-]{1,64}$/);
export const breakerKey = z.string().regex(/^[a-z]+:[\w.-]{1,64}$/i);
export const providerName = z.string().regex(/^[\w.-]{1,64}$/);
export const alertKey = z.string().regex(/^[\w:./@-]{1,200}$/);

const text = z.string().max(longestText);
const lane = z.enum(lanes);
const label = z.string().max(200);
const agent = z.string().min(1).max(64);
const cwd = z.string().min(1).max(4096);
const tag = z.string().min(1).max(64);

/** What whoever queues a run may ask for beside its text. */
const runOptions = {
	lane: lane.optional().describe('how urgent it is'),
	depends_on: z.array(runId).max(100).optional().describe('runs that must have succeeded before it starts'),
	on_dependency_failure: z
		.enum(['fail', 'release'])
		.optional()
		.describe('when one of those ends badly: fail too (the default), or start without it'),
	demands: z.array(tag).max(20).optional().describe('tags that the agent or its launcher must have'),
	retry: z.boolean().optional().describe('whether it is tried again when it fails'),
	preemptible: z.boolean().optional().describe('it may be stopped and queued again when an urgent run needs its slot'),
	preempts: z.boolean().optional().describe('it may take the slot of a pre-emptible run in a lower lane'),
	deadline_at_ms: z.number().int().min(0).optional().describe('it is of no use after this moment (ms since 1970)'),
};

export const sessionBody = z.object({
	agent: agent.optional().describe('the agent; codex where it is installed unless told otherwise, a child has its parent’s'),
	cwd: cwd.optional().describe('the absolute path of the folder it starts in'),
	label: label.optional().describe('what the session is called'),
	text: text.optional().describe('with a text the session starts with a run'),
	parent_run_id: runId.optional().describe('the run that spawns it as its child'),
	tags: z.array(tag).max(20).optional().describe('free words to find and group it by'),
	on_parent_success: z.enum(['keep', 'cancel']).optional().describe('what becomes of it when the run that spawned it succeeds'),
	...runOptions,
});

export type SessionBody = z.output<typeof sessionBody>;

/** How a message reaches a session that is busy: as its next run, typed into the live agent, or after interrupting its turn. */
const messageMode = z.enum(['queue', 'steer', 'interrupt']);

export const messageBody = z.object({
	text: text.min(1),
	role: z.literal('user').default('user'),
	mode: messageMode.optional().describe('queue (the default) makes it the next run, steer types it, interrupt stops the turn first'),
	...runOptions,
});

export type MessageBody = z.output<typeof messageBody>;

/** The same with one mode more: `type` types it into the live terminal, which is the operator's alone. */
export const sendBody = z.object({
	text: text.min(1),
	mode: z
		.enum([...messageMode.options, 'type'])
		.default('queue')
		.describe('how it reaches a busy session; type is the operator’s alone'),
	...runOptions,
});

/** `task` and `text` are the same thing by two names; one of them is needed. */
export const spawnBody = sessionBody
	.omit({parent_run_id: true})
	.extend({task: text.optional().describe('what the child is to do')})
	.refine(body => body.task !== undefined || body.text !== undefined, 'task: say what the child is to do');

export const stopBody = z.object({tree: z.boolean().default(false)}).prefault({});

export const runBody = sessionBody.extend({session_id: sessionId.optional(), text, mode: messageMode.optional()});

/** For requests that say everything by their path. */
export const emptyBody = z.object({}).prefault({});

export const moveBody = z.object({to: z.enum(['first', 'last']).default('first')}).prefault({});
export const prioritiseBody = z.object({lane});
export const limitBody = z.object({
	sentence: z.string().min(1).max(1000).default('told by the operator'),
	until_ms: z.number().int().min(0).optional().describe('when it may go on (ms since 1970); without it each pause doubles the one before'),
});

export const transitionBody = z.object({to: z.string().optional(), state: z.string().optional()});

export const requestKinds = ['approval_request', 'permission_request', 'question', 'notice'] as const;

const payload = z
	.object({
		tool: z.string().max(200).optional(),
		argv: z.array(text).max(4096).optional(),
		cwd: cwd.optional(),
		diff: text.optional(),
		env: z.record(z.string().max(256), text).optional(),
	})
	.catchall(z.unknown());

export const replyParentBody = z.object({
	text,
	request_kind: z.enum(requestKinds),
	payload: payload.optional(),
	wait: z.boolean().default(false),
});

export type ReplyParentBody = z.infer<typeof replyParentBody>;

export const decideBody = z.object({
	choice: z.enum(['approve', 'deny', 'answer']),
	text: text.optional(),
	fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
	word: z.string().max(64).optional().describe('what a high risk is approved with: the word of its risk'),
	scope: z.enum(decisionScopes).optional().describe('how far an approval reaches'),
	lifetime_ms: z.number().int().positive().optional(),
	max_uses: z.number().int().positive().optional(),
});

const seconds = (most: number) => z.coerce.number().min(0).max(most);
const count = (most: number) => z.coerce.number().int().min(1).max(most);
const cursor = z.coerce.number().int().min(0);

export const waitQuery = z.object({timeout_s: seconds(3600).default(30), interval_ms: z.coerce.number().min(0).optional()});
export const lookQuery = z.object({wait_s: seconds(3600).default(0)});
export const eventsQuery = z.object({cursor: cursor.default(0), limit: count(1000).default(100), last: count(1000).optional()});
export const escalationsQuery = z.object({state: z.enum(['open', 'all']).default('open'), session_id: sessionId.optional()});
export const streamQuery = z.object({sessionId: sessionId.optional(), session_id: sessionId.optional(), cursor: cursor.optional()});

const idempotencyKey = z.string().min(1).max(200);

/** What came in as its schema has it; a `RequestError` (400) with one sentence that names the field otherwise. */
export const read = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
	const parsed = schema.safeParse(value ?? {});
	if (parsed.success) {
		return parsed.data;
	}

	const [issue] = parsed.error.issues;
	const place = issue?.path.join('.');
	throw new RequestError(400, 'MALFORMED', `The ${what} is not right: ${place ? `${place}: ` : ''}${issue?.message ?? 'unreadable'}.`);
};

/** The key of a request that may be retried: of its body, else of its header. */
export const readIdempotencyKey = (body: unknown, header: string | readonly string[] | undefined): string | undefined => {
	const inBody = typeof body === 'object' && body !== null && 'idempotency_key' in body ? body.idempotency_key : undefined;
	const key = inBody ?? header;
	return key === undefined ? undefined : read(idempotencyKey, key, 'idempotency key');
};
