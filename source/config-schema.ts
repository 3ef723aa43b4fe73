import {z} from 'zod';
import {defaultLimits, type Limits} from '../state/safety/limits.js';
import {parseQuietHours} from '../state/safety/quiet-hours.js';

const most = 4096;

const text = (what: string) => z.string({error: what}).min(1, what).max(most, what);

const texts = (what: string) => z.array(z.string({error: what}).max(most, what), {error: what}).max(256, what);

const wholeWords = 'must be a whole number, 0 or more';

const whole = z.number({error: wholeWords}).int(wholeWords).min(0, wholeWords).max(Number.MAX_SAFE_INTEGER, wholeWords);

const amountWords = 'must be a number above 0';

const amount = z.number({error: amountWords}).positive(amountWords).max(Number.MAX_SAFE_INTEGER, amountWords);

const runsWords = 'must be a whole number, 1 or more';

const nameWords = 'must be up to 64 letters, digits, dots, dashes and underscores';

const name = z.string({error: nameWords}).regex(/^[\w.-]{1,64}$/, nameWords);

const tagWords = 'must be a list of tags: up to 64 letters, digits, dots, colons, slashes, dashes and underscores each';

const tags = z.array(z.string({error: tagWords}).regex(/^[\w.:/-]{1,64}$/, tagWords), {error: tagWords}).max(64, tagWords);

const setWords = (what: string) => `must be a set of ${what}`;

const budget = z.strictObject(
	{
		tokens: amount.optional(),
		costUsd: amount.optional(),
		runsPerHour: z.number({error: runsWords}).int(runsWords).min(1, runsWords).max(1_000_000, runsWords).optional(),
		wallMs: amount.optional(),
	},
	{error: issue => (issue.code === 'invalid_type' ? setWords('budgets: tokens, costUsd, runsPerHour, wallMs') : undefined)},
);

const jitterWords = 'must be a number from 0 to 1';

const retryWords = 'must be true, false, or a set of waitsMs, jitter and lostCap';

const retry = z.union(
	[
		z.boolean(),
		z.strictObject({
			waitsMs: z.array(whole).max(20).optional(),
			jitter: z.number({error: jitterWords}).min(0, jitterWords).max(1, jitterWords).optional(),
			lostCap: whole.optional(),
		}),
	],
	{error: retryWords},
);

const envWords = 'must be a set of texts';

/** One agent as it is written. What goes together with which adapter is checked where adapters are known. */
const agent = z.strictObject(
	{
		adapter: name.optional(),
		argv: texts('must be a list of the program and its arguments').min(1, 'must name at least the program').optional(),
		args: texts('must be a list of arguments').optional(),
		env: z.record(z.string(), z.string({error: envWords}), {error: envWords}).optional(),
		description: text('must be a text').optional(),
		model: text('must be a text').optional(),
		provider: name.optional(),
		tags: tags.optional(),
		retry: retry.optional(),
		budget: budget.optional(),
		runTimeoutMs: whole.optional(),
		stuckAfterMs: whole.optional(),
		policy: name.optional(),
		maySpawn: texts('must be a list of agents, or ["*"]').optional(),
		resultDelivery: z.enum(['type', 'queue', 'none'], {error: 'must be type, queue or none'}).optional(),
	},
	{error: issue => (issue.code === 'invalid_type' ? 'must be a set of settings' : undefined)},
);

const limitShape = Object.fromEntries(Object.keys(defaultLimits).map(limit => [limit, whole.optional()])) as {
	readonly [Limit in keyof Limits]: z.ZodOptional<typeof whole>;
};

const limits = z.strictObject(limitShape, {
	error: issue => (issue.code === 'invalid_type' ? setWords('limits with their numbers') : undefined),
});

const override = z.strictObject({label: text('must be the label of a root, with * and ?'), limits});

const hoursWords = 'must be two times of day, such as "22:00-07:00"';

const quietHours = z.string({error: hoursWords}).transform((written, context) => {
	const hours = parseQuietHours(written);
	if (!hours) {
		context.addIssue({code: 'custom', message: hoursWords});
		return z.NEVER;
	}

	return hours;
});

/** How an agent may be called. */
export const agentNamePattern = /^[a-z0-9][\w.-]{0,31}$/i;

/** The whole configuration file as it is written. Policies are read by a schema of their own. */
export const configSchema = z.strictObject(
	{
		agents: z.record(z.string().regex(agentNamePattern), agent, {error: setWords('agents')}).default({}),
		limits: limits.default({}),
		limitOverrides: z.array(override, {error: 'must be a list of {"label", "limits"}'}).max(100, 'must be 100 at most').default([]),
		budgets: z
			.strictObject(
				{session: budget.optional(), tree: budget.optional(), all: budget.optional()},
				{error: issue => (issue.code === 'invalid_type' ? setWords('budgets: session, tree, all') : undefined)},
			)
			.default({}),
		launcherTags: tags.default([]),
		quietHours: quietHours.optional(),
		policies: z.unknown().optional(),
	},
	{error: issue => (issue.code === 'invalid_type' ? 'is not a JSON object' : undefined)},
);

/** The configuration as it was read. */
export type WrittenConfig = z.infer<typeof configSchema>;

/** One agent as it was read. */
export type WrittenAgent = WrittenConfig['agents'][string];

const placeOf = (path: readonly PropertyKey[]): string =>
	path.reduce<string>(
		(place, step) => (typeof step === 'number' ? `${place}[${step}]` : `${place}${place === '' ? '' : '.'}${String(step)}`),
		'',
	);

const known = (schema: z.ZodObject): string => Object.keys(schema.shape).join(', ');

const unknownKey = (keys: readonly string[], path: readonly PropertyKey[]): string => {
	const [key] = keys.map(one => JSON.stringify(one));
	if (path.length === 0) {
		return `has an unknown key ${key}: known are ${known(configSchema)}.`;
	}

	if (path.at(-1) === 'limits') {
		return `has an unknown limit ${key}${path.length === 1 ? '' : ` in ${placeOf(path)}`}: known are ${known(limits)}.`;
	}

	return path.length === 2 && path[0] === 'agents'
		? `has an unknown key ${key} in agent ${String(path[1])}: known are ${known(agent)}.`
		: `has an unknown key ${key} in ${placeOf(path)}.`;
};

/** What is wrong with a configuration, to be said after the name of its file. */
export const whatIsWrong = ({issues}: z.ZodError): string => {
	const [issue] = issues;
	if (!issue) {
		return 'cannot be read.';
	}

	if (issue.code === 'unrecognized_keys') {
		return unknownKey(issue.keys, issue.path);
	}

	if (issue.code === 'invalid_key') {
		const called = JSON.stringify(issue.path.at(-1));
		return `names an agent ${called}: use up to 32 letters, digits, dots, dashes and underscores.`;
	}

	return issue.path.length === 0 ? `${issue.message}.` : `is not right at ${placeOf(issue.path)}: it ${issue.message}.`;
};
