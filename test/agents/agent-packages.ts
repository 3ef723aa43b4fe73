/** An agent CLI as npm has it, in the version that the tests know. */
export type AgentPackage = {
	readonly package: string;
	readonly version: string;
	readonly binary: string;
	/** The agent that it starts, which must be installed too. */
	readonly drives?: 'claude' | 'codex';
	/** Its parts that are never run here are left out. */
	readonly npmArgs?: readonly string[];
	/** Installed only when it is asked for by name. */
	readonly isOptional?: true;
};

/** Pinned: npm picks an older version when the newest does not take the Node it runs on, and screens and defaults change. */
const agentPackages = {
	claude: {package: '@anthropic-ai/claude-code', version: '2.1.329', binary: 'claude'},
	codex: {package: '@openai/codex', version: '0.169.0', binary: 'codex'},
	gemini: {package: '@google/gemini-cli', version: '0.61.0', binary: 'gemini'},
	opencode: {package: 'opencode-ai', version: '1.18.33', binary: 'opencode'},
	pi: {package: '@earendil-works/pi-coding-agent', version: '0.87.1', binary: 'pi'},
	qwen: {package: '@qwen-code/qwen-code', version: '0.24.4', binary: 'qwen'},
	copilot: {package: '@github/copilot', version: '1.0.102', binary: 'copilot'},
	'claude-agent-acp': {
		package: '@agentclientprotocol/claude-agent-acp',
		version: '0.100.0',
		binary: 'claude-agent-acp',
		drives: 'claude',
		npmArgs: ['--omit=optional'],
	},
	'codex-acp': {
		package: '@agentclientprotocol/codex-acp',
		version: '2.6.0',
		binary: 'codex-acp',
		drives: 'codex',
		npmArgs: ['--omit=optional'],
	},
	openclaw: {package: 'openclaw', version: '2026.9.6', binary: 'openclaw', isOptional: true},
} as const satisfies Readonly<Record<string, AgentPackage>>;

/** An agent CLI that the tests know. */
export type AgentName = keyof typeof agentPackages;

/** All agents, in the order in which they are installed and shown. */
export const agentNames = Object.keys(agentPackages) as readonly AgentName[];

/** What npm is asked for. */
export const agentPackageOf = (name: AgentName): AgentPackage => agentPackages[name];
