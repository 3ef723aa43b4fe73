import type {CtlCommand} from './command.js';
import {commands} from './commands.js';
import {type FlagName, flagDefinitions, globalFlags} from './flags.js';

const column = (rows: ReadonlyArray<readonly [left: string, right: string]>): string => {
	const width = Math.max(...rows.map(([left]) => left.length)) + 2;
	return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
};

const shownValue = (name: FlagName): string => {
	const definition = flagDefinitions[name];
	return 'value' in definition ? definition.value : '';
};

const flagRow = (name: FlagName): readonly [string, string] => [`--${name} ${shownValue(name)}`.trimEnd(), flagDefinitions[name].about];

const exits = `Exit codes
  0 done, succeeded, approved or answered   1 refused or failed   2 usage   10 denied   11 expired or withdrawn
  69 no coordinator   124 the time of a wait is over`;

/** The help of one command, of all commands of a noun, or of everything; made from the commands themselves. */
export const helpText = (words: readonly string[]): string => {
	const found: readonly CtlCommand[] = commands.filter(command => words.every((word, place) => command.words[place] === word));
	const [only] = found;
	if (found.length === 1 && only) {
		const bare = only.bare === undefined ? '' : ` [${shownValue(only.bare)}]`;
		const own = only.flags.length === 0 ? '' : `\n\nFlags\n${column(only.flags.map(flagRow))}`;
		return `agentctl ${only.words.join(' ')}${bare}: ${only.about}${own}\n\nGlobal flags\n${column(globalFlags.map(flagRow))}\n`;
	}

	const listed = (found.length === 0 ? commands : found).map(command => [command.words.join(' '), command.about] as const);
	return `agentctl [flags] COMMAND: drives the fleet of agent-tui or agentd from scripts and agents

Commands
${column(listed)}

Global flags
${column(globalFlags.map(flagRow))}

${exits}

agentctl COMMAND --help tells the flags of one command; agentctl completion bash|zsh|fish prints completions for a shell.
`;
};
