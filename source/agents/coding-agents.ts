import type {AgentAdapter} from '../agent-adapter.js';

const promptLast =
	(file: string, fixed: readonly string[] = []): AgentAdapter['plan'] =>
	({profile, text}) => ({
		file,
		args: [...fixed, ...(profile.argv?.slice(1) ?? []), ...(text === '' ? [] : [text])],
		env: profile.env ?? {},
	});

/**
 * The coding agents that are offered when they are installed: their interactive screens, with the prompt on the command line.
 * Automatic modes are switched off where the program has them on by default, so that the agent asks.
 */
export const codingAgents: readonly AgentAdapter[] = [
	{name: 'claude', passedEnv: ['ANTHROPIC_*', 'CLAUDE_*'], plan: promptLast('claude', ['--permission-mode', 'manual'])},
	{name: 'codex', passedEnv: ['OPENAI_*', 'CODEX_*'], plan: promptLast('codex', ['-a', 'on-request'])},
	{
		name: 'gemini',
		passedEnv: ['GEMINI_*', 'GOOGLE_*'],
		plan: ({profile, text}) => ({
			file: 'gemini',
			args: [...(profile.argv?.slice(1) ?? []), ...(text === '' ? [] : ['-i', text])],
			env: profile.env ?? {},
		}),
	},
	{
		name: 'opencode',
		passedEnv: ['OPENCODE_*', 'ANTHROPIC_*', 'OPENAI_*'],
		plan: ({profile, text}) => ({
			file: 'opencode',
			args: [...(profile.argv?.slice(1) ?? []), ...(text === '' ? [] : ['--prompt', text])],
			env: profile.env ?? {},
		}),
	},
];
