import process from 'node:process';
import type {AgentName} from './agent-packages.js';
import {agentFile} from './agents-folder.js';

/** Where an agent lives during one test, and the model that it talks to. */
export type AgentPlace = {
	readonly home: string;
	readonly cwd: string;
	/** The scripted model, without a slash at the end. */
	readonly url: string;
};

/**
 * What an agent needs to start without asking anything: files by their path in its home, its environment, and the arguments
 * that make it ask before it runs a command: `manual` in front, then a prompt in its own terminal, or one without a terminal.
 */
export type AgentSeed = {
	readonly files: Readonly<Record<string, string>>;
	readonly env: Readonly<Record<string, string>>;
	readonly manual: readonly string[];
	readonly interactive: (prompt: string) => readonly string[];
	/** Prints its answer and ends; `undefined` for an agent that only speaks a protocol. */
	readonly headless: ((prompt: string) => readonly string[]) | undefined;
};

const key = 'sk-ant-dummy-0123456789abcdefghij';

const claude = ({cwd, url}: AgentPlace): AgentSeed => ({
	files: {
		'.claude.json': JSON.stringify({
			hasCompletedOnboarding: true,
			theme: 'dark',
			customApiKeyResponses: {approved: [key.slice(-20)], rejected: []},
			projects: {[cwd]: {hasTrustDialogAccepted: true}},
		}),
	},
	env: {ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key, DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'},
	manual: ['--permission-mode', 'manual'],
	interactive: prompt => [prompt],
	headless: prompt => ['-p', prompt],
});

const codexConfig = ({cwd, url}: AgentPlace): string => `
model = "scripted"
model_provider = "scripted"
approval_policy = "on-request"
sandbox_mode = "read-only"
check_for_update_on_startup = false
[model_providers.scripted]
name = "Scripted"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
[projects.${JSON.stringify(cwd)}]
trust_level = "trusted"
`;

const codex = (place: AgentPlace): AgentSeed => ({
	files: {'.codex/config.toml': codexConfig(place)},
	env: {CODEX_HOME: `${place.home}/.codex`, SCRIPTED_KEY: 'dummy'},
	manual: [],
	interactive: prompt => ['--no-daemon', prompt],
	headless: prompt => ['exec', '--skip-git-repo-check', prompt],
});

const gemini = ({url}: AgentPlace): AgentSeed => ({
	files: {
		'.gemini/settings.json': JSON.stringify({security: {auth: {selectedType: 'gemini-api-key'}, folderTrust: {enabled: false}}}),
	},
	env: {GEMINI_API_KEY: 'dummy', GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_NO_RELAUNCH: 'true'},
	manual: ['--approval-mode', 'default'],
	interactive: prompt => ['-i', prompt],
	headless: prompt => ['-p', prompt],
});

const opencodeConfig = (url: string) => ({
	model: 'scripted/scripted',
	small_model: 'scripted/scripted',
	autoupdate: false,
	share: 'disabled',
	provider: {
		scripted: {
			npm: '@ai-sdk/openai-compatible',
			options: {baseURL: `${url}/v1`, apiKey: 'dummy'},
			models: {scripted: {limit: {context: 100_000, output: 4096}, cost: {input: 1, output: 5}}},
		},
	},
	permission: {bash: 'ask', edit: 'ask'},
});

const opencode = ({url}: AgentPlace): AgentSeed => ({
	files: {},
	env: {
		OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeConfig(url)),
		OPENCODE_DISABLE_AUTOUPDATE: '1',
		OPENCODE_DISABLE_MODELS_FETCH: '1',
		OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
	},
	manual: [],
	interactive: prompt => ['--prompt', prompt],
	headless: prompt => ['run', prompt],
});

const piModels = (url: string) => ({
	providers: {
		scripted: {
			baseUrl: `${url}/v1`,
			api: 'openai-completions',
			apiKey: 'dummy',
			models: [
				{
					id: 'scripted',
					name: 'Scripted',
					reasoning: false,
					input: ['text'],
					contextWindow: 100_000,
					maxTokens: 4096,
					cost: {input: 1, output: 5, cacheRead: 0, cacheWrite: 0},
				},
			],
		},
	},
});

const pi = ({home, url}: AgentPlace): AgentSeed => ({
	files: {'pi/models.json': JSON.stringify(piModels(url))},
	env: {PI_CODING_AGENT_DIR: `${home}/pi`, PI_OFFLINE: '1', PI_TELEMETRY: '0'},
	manual: ['--provider', 'scripted', '--model', 'scripted'],
	interactive: prompt => [prompt],
	headless: prompt => ['-p', prompt],
});

/** Commands get no pty of their own: with one, this version was seen to end with a failed ioctl after a command. */
const qwenSettings = {security: {auth: {selectedType: 'openai'}}, tools: {shell: {enableInteractiveShell: false}}};

const qwen = ({url}: AgentPlace): AgentSeed => ({
	files: {'.qwen/settings.json': JSON.stringify(qwenSettings)},
	env: {OPENAI_API_KEY: 'dummy', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'scripted'},
	manual: ['--approval-mode', 'default'],
	interactive: prompt => ['-i', prompt],
	headless: prompt => ['-p', prompt],
});

const copilot = ({home, cwd, url}: AgentPlace): AgentSeed => ({
	files: {'.copilot/config.json': JSON.stringify({trusted_folders: [cwd]})},
	env: {
		COPILOT_HOME: `${home}/.copilot`,
		COPILOT_OFFLINE: 'true',
		COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
		COPILOT_PROVIDER_API_KEY: 'dummy',
		COPILOT_PROVIDER_WIRE_API: 'completions',
		COPILOT_MODEL: 'gpt-5.4',
		COPILOT_AUTO_UPDATE: 'false',
	},
	manual: [],
	interactive: prompt => ['-i', prompt],
	headless: prompt => ['-p', prompt],
});

/** An adapter speaks ACP on its standard input and output for an agent that it starts itself. */
const adapter = (seed: AgentSeed, env: Readonly<Record<string, string>>): AgentSeed => ({
	...seed,
	env: {...seed.env, ...env},
	manual: [],
	interactive: () => [],
	headless: undefined,
});

/**
 * The adapter starts Claude Code so that it could be switched to bypass permissions, which Claude Code refuses to root unless it is
 * told that the machine is a sandbox. Here the scripted model decides what is run, and the mode stays manual.
 */
const sandboxOfRoot: Readonly<Record<string, string>> = process.getuid?.() === 0 ? {IS_SANDBOX: '1'} : {};

/** How each agent is made ready; OpenClaw needs a gateway of its own and has no seed. */
export const agentSeeds: Readonly<Record<Exclude<AgentName, 'openclaw'>, (place: AgentPlace) => AgentSeed>> = {
	claude,
	codex,
	gemini,
	opencode,
	pi,
	qwen,
	copilot,
	'claude-agent-acp': place => adapter(claude(place), {CLAUDE_CODE_EXECUTABLE: agentFile('claude'), ...sandboxOfRoot}),
	'codex-acp': place => adapter(codex(place), {CODEX_PATH: agentFile('codex')}),
};

/** An agent that tests can make ready. */
export type SeededAgent = keyof typeof agentSeeds;

/** All of them. */
export const seededAgents = Object.keys(agentSeeds) as readonly SeededAgent[];
