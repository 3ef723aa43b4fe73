import type {AgentAdapter, LaunchContext, LaunchPlan} from '../agent-adapter.js';

/** How an agent that speaks ACP on its standard streams is run: by our own program, which is its terminal. */
export const acpPlan = ({profile, text, threadId, folder}: LaunchContext, argv: readonly string[], mode?: string): LaunchPlan => ({
	file: 'agent-tui',
	args: [
		'acp',
		...(threadId === undefined ? [] : ['--resume', threadId]),
		...(mode === undefined ? [] : ['--mode', mode]),
		...(text === '' ? [] : ['--prompt-file', `${folder}/prompt`]),
		'--',
		...argv,
	],
	env: profile.env ?? {},
	...(text !== '' && {files: {prompt: text}}),
});

/**
 * Any agent that speaks the Agent Client Protocol: `argv` of its profile is the agent's program, such as `["gemini", "--acp"]`. Requests
 * go to the operator through the gateway, so no channel of the coordinator is needed.
 */
export const acp: AgentAdapter = {
	name: 'acp',
	title: 'ACP agent',
	passedEnv: [],
	provesAcceptance: true,
	plan: context => acpPlan(context, [...(context.profile.argv ?? []), ...(context.profile.args ?? [])]),
};
