/**
 * Who sends a command. Set by the door it came through (console, token, launcher socket), never read from what was sent:
 * an agent that claims to be the operator is still an agent.
 */
export type Actor =
	| {readonly role: 'operator'; readonly name: string}
	| {readonly role: 'agent'; readonly runId: string}
	| {readonly role: 'launcher'; readonly launcherId: string}
	| {readonly role: 'system'};

/** The actor in words, for facts and refusals: "operator ada", "agent run_x", "launcher lch_y", "agent-tui". */
export const actorName = (actor: Actor): string => {
	switch (actor.role) {
		case 'operator': {
			return actor.name;
		}

		case 'agent': {
			return `agent ${actor.runId}`;
		}

		case 'launcher': {
			return `launcher ${actor.launcherId}`;
		}

		case 'system': {
			return 'agent-tui';
		}
	}
};
