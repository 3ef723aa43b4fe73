/** What work cost so far. Counts only grow. */
export type Usage = {
	readonly inputTokens: number;
	readonly outputTokens: number;
	/** Of the tokens above, how many went into coordinating (results of children, injected instructions) instead of work. */
	readonly protocolTokens: number;
	/** 0 when the agent tells no price. */
	readonly costUsd: number;
	/** Runs started. */
	readonly runs: number;
	/** Time agents spent working, without the time they waited. */
	readonly workedMs: number;
};

export const noUsage: Usage = {inputTokens: 0, outputTokens: 0, protocolTokens: 0, costUsd: 0, runs: 0, workedMs: 0};

export const addUsage = (a: Usage, b: Partial<Usage>): Usage => ({
	inputTokens: a.inputTokens + (b.inputTokens ?? 0),
	outputTokens: a.outputTokens + (b.outputTokens ?? 0),
	protocolTokens: a.protocolTokens + (b.protocolTokens ?? 0),
	costUsd: a.costUsd + (b.costUsd ?? 0),
	runs: a.runs + (b.runs ?? 0),
	workedMs: a.workedMs + (b.workedMs ?? 0),
});

/** Every token, in and out. */
export const tokensOf = ({inputTokens, outputTokens}: Usage): number => inputTokens + outputTokens;

/** Which sum a usage is added to: the whole fleet, one tree, one session. */
export type UsageScope = 'all' | `tree:${string}` | `session:${string}`;

/** The sums that a session's usage counts in, the narrowest first. */
export const scopesOf = ({id, rootId}: {readonly id: string; readonly rootId: string}): readonly UsageScope[] => [
	`session:${id}`,
	`tree:${rootId}`,
	'all',
];
