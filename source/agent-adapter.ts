import type {AgentProfile} from '../state/agent-profile.js';

/** What to start for one run. `file` is looked up on the agent's PATH when it is not absolute. */
export type LaunchPlan = {
	readonly file: string;
	readonly args: readonly string[];
	/** Added to the allow-listed environment. */
	readonly env: Readonly<Record<string, string>>;
};

export type LaunchContext = {
	readonly profile: AgentProfile;
	/** The prompt or command line; empty for an interactive start. */
	readonly text: string;
	/** The operator's own environment, to read from; nothing of it reaches the agent unless the plan names it. */
	readonly env: NodeJS.ProcessEnv;
};

/** How one kind of agent is started. One file per agent CLI. */
export type AgentAdapter = {
	readonly name: string;
	/** Names of variables of the operator's environment that this agent needs, such as its API key; a final `*` matches any ending. */
	readonly passedEnv: readonly string[];
	/** Argv for the run; a pure function of its context. */
	plan(context: LaunchContext): LaunchPlan;
};
