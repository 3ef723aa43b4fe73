import {z} from 'zod';
import {agentActivities} from '../../../state/agent/agent-status.js';
import {whyUnsafePattern} from './safe-pattern.js';

const pattern = z.string().superRefine((text, context) => {
	const why = whyUnsafePattern(text);
	if (why !== undefined) {
		context.addIssue({code: 'custom', message: `the pattern ${JSON.stringify(text)} cannot be used: ${why}`});
	}
});

const name = z.string().regex(/^[\w][\w .-]{0,63}$/, 'a name has up to 64 letters, digits, blanks, dots and dashes');
const told = {
	activity: z.enum(agentActivities),
	kind: z.enum(['permission', 'question', 'auth']).optional(),
	confidence: z.number().min(0).max(1),
};

const keys = z.strictObject({
	/** Written to the agent as it stands. */
	send: z.string().min(1).max(16),
	/** A line of the prompt must match, or nothing is written: the answer may have another key in another version. */
	requires: pattern.optional(),
});

const rule = z.strictObject({
	name,
	...told,
	/** Only so many rows, counted from the lowest that shows anything. */
	region: z.int().min(1).max(60),
	/** Each must match a line of the region; none of the others may. */
	all: z.array(pattern).min(1).max(16),
	none: z.array(pattern).max(16).default([]),
	/** Each must match one of the lowest six rows: a prompt that is only quoted stands higher. */
	bottom: z.array(pattern).max(16).default([]),
	prompt: z.strictObject({from: pattern, to: pattern, keys: z.record(name, keys)}).optional(),
});

const title = z.strictObject({pattern, ...told});

/** The rules for one agent, as they stand in a file: the first one that matches tells. */
export const screenRulesSchema = z.strictObject({
	/** Name of the agent's adapter. */
	agent: name,
	/** What a window title tells. */
	titles: z.array(title).max(32).default([]),
	rules: z.array(rule).max(64).default([]),
});

export type ScreenRules = z.infer<typeof screenRulesSchema>;
export type ScreenRule = ScreenRules['rules'][number];
export type TitleRule = ScreenRules['titles'][number];
export type PromptKeys = z.infer<typeof keys>;

/** Reads the rules of one file. Throws an error whose message names every place that is wrong. */
export const parseScreenRules = (value: unknown): ScreenRules => {
	const parsed = screenRulesSchema.safeParse(value);
	if (!parsed.success) {
		throw new Error(parsed.error.issues.map(({path, message}) => `${path.join('.') || 'the file'}: ${message}`).join('; '));
	}

	return parsed.data;
};
