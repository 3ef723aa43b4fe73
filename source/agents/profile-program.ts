import type {AgentProfile} from '../../state/agent/agent-profile.js';

/** The program of a profile (the agent's own unless it names another), and the arguments the operator added. */
export const profileProgram = (
	{argv = [], args = []}: AgentProfile,
	program: string,
): {readonly file: string; readonly extra: readonly string[]} => ({file: argv[0] ?? program, extra: [...argv.slice(1), ...args]});
