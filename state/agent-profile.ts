/** A configured program that can run in a session. */
export type AgentProfile = {
	readonly name: string;
	/** Which adapter knows how to start it. */
	readonly adapter: string;
	/** For adapter `command`: program and arguments; `{prompt}` stands for the text of the run. */
	readonly argv?: readonly string[];
	/** Added to the allow-listed environment. */
	readonly env?: Readonly<Record<string, string>>;
	/** One line for lists. */
	readonly description: string;
};
