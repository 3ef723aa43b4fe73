import type {AgentAdapter} from '../agent-adapter.js';

/** The built-in agent: the operator's own shell. With a text it runs that command line and ends; without one it is interactive. */
export const shell: AgentAdapter = {
	name: 'shell',
	passedEnv: [],
	plan({text, env}) {
		const file = env['SHELL'] || '/bin/sh';
		return {file, args: text.trim() === '' ? ['-i'] : ['-c', text], env: {}};
	},
};
