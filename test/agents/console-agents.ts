import type {AgentName} from './agent-packages.js';
import type {SeededAgent} from './agent-seeds.js';

/** An agent as the tests with the console know it: how it is configured, and what it shows and hears. */
export type ConsoleAgent = {
	/** Its name in the console. */
	readonly name: string;
	/** The CLI that must be installed, and whose home it lives in. */
	readonly cli: AgentName & SeededAgent;
	readonly adapter: string;
	/** Behind its program; it speaks the Agent Client Protocol then. */
	readonly args?: readonly string[];
	/** What its own dialog shows when it is complete, the key that says yes there once, and the one that says no. */
	readonly dialog?: {readonly question: string; readonly yes: string; readonly no: string};
	/** Whether it can be told why it was denied, or that nobody answered. */
	readonly hearsWords: boolean;
	/** The sentence with which it tells its model of every no, whoever said it. */
	readonly ownRefusal?: RegExp;
	/** Whether its dialog stays on its screen when nobody answered: only a key could tell it so, and that would be a no. */
	readonly keepsDialog?: true;
	/** Whether what it asks says which command it would run, where, and with which tool; else only its screen is quoted. */
	readonly tellsCommand: boolean;
	/** Whether it can go on with a conversation in another process. */
	readonly resumes: boolean;
};

/** All of them. */
export const consoleAgents: readonly ConsoleAgent[] = [
	{
		name: 'claude',
		cli: 'claude',
		adapter: 'claude',
		dialog: {question: 'Esc to cancel', yes: '1', no: '\u001B'},
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'codex',
		cli: 'codex',
		adapter: 'codex',
		dialog: {question: 'Press enter to confirm or esc to cancel', yes: 'y', no: '\u001B'},
		ownRefusal: /rejected by user/,
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'opencode',
		cli: 'opencode',
		adapter: 'opencode',
		dialog: {question: 'enter confirm', yes: '\r', no: '\u001B'},
		ownRefusal: /^The user rejected permission to use this specific tool call/,
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'copilot',
		cli: 'copilot',
		adapter: 'copilot',
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'qwen',
		cli: 'qwen',
		adapter: 'qwen',
		dialog: {question: 'No, suggest changes (esc)', yes: '1', no: '\u001B'},
		hearsWords: false,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'gemini',
		cli: 'gemini',
		adapter: 'gemini',
		dialog: {question: 'No, suggest changes (esc)', yes: '1', no: '\u001B'},
		keepsDialog: true,
		hearsWords: false,
		tellsCommand: false,
		resumes: true,
	},
	{
		name: 'pi',
		cli: 'pi',
		adapter: 'pi',
		dialog: {question: 'escape/ctrl+c cancel', yes: '\r', no: '\u001B'},
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'claude-acp',
		cli: 'claude-agent-acp',
		adapter: 'acp',
		ownRefusal: /^User refused permission to run tool$/,
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'codex-acp',
		cli: 'codex-acp',
		adapter: 'acp',
		ownRefusal: /rejected by user/,
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
	{
		name: 'opencode-acp',
		cli: 'opencode',
		adapter: 'acp',
		args: ['acp'],
		ownRefusal: /^The user rejected permission to use this specific tool call/,
		hearsWords: true,
		tellsCommand: true,
		resumes: true,
	},
];

/** Those with a dialog on their own screen that is there while the operator is asked. */
export const dialogAgents = consoleAgents.filter(({dialog}) => dialog !== undefined);
