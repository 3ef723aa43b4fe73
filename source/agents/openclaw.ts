import type {AgentAdapter, LaunchContext} from '../agent-adapter.js';
import {acpPlan} from './acp.js';

/** Whether the profile names the plain command line (`openclaw agent …`, `openclaw tui`) instead of ACP. */
const isPlain = ([, verb]: readonly string[]): boolean => verb !== undefined && verb !== 'acp';

const plainPlan = ({profile, text}: LaunchContext, [file = '', ...args]: readonly string[]) => ({
	file,
	args: [...args, ...(profile.args ?? []), ...(text === '' ? [] : ['--message', text])],
	env: profile.env ?? {},
});

/**
 * OpenClaw: `openclaw acp`, which asks through its gateway. An `argv` such as `["openclaw", "agent", "--local"]` turns it round to the
 * plain command line, which asks nobody: its own rules decide there.
 */
export const openclaw: AgentAdapter = {
	name: 'openclaw',
	program: 'openclaw',
	title: 'OpenClaw',
	passedEnv: ['OPENCLAW_*', 'ANTHROPIC_*', 'OPENAI_*'],
	plan(context) {
		const {argv = ['openclaw'], args = []} = context.profile;
		return isPlain(argv) ? plainPlan(context, argv) : acpPlan(context, [argv[0] ?? 'openclaw', 'acp', ...argv.slice(2), ...args]);
	},
};
