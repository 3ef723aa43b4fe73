/** A line typed into a live agent's terminal, kept so that both sides of the talk can be exported. */
export type TypedMessage = {
	readonly sessionId: string;
	readonly runId: string;
	readonly text: string;
	/** The agent's turn was interrupted first. */
	readonly interrupts?: boolean;
	readonly by: string;
	readonly atMs: number;
};
