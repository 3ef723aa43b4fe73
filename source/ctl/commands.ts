import {didYouMean} from './closest.js';
import type {CtlCommand} from './command.js';
import {decisionCommands} from './commands-decisions.js';
import {fleetCommands} from './commands-fleet.js';
import {queueCommands} from './commands-queue.js';
import {runCommands, toolCommands} from './commands-runs.js';
import {sessionCommands} from './commands-sessions.js';
import {usage} from './failure.js';
import {hookCommand} from './hook.js';

/** Every command, in the order of the help. */
export const commands: readonly CtlCommand[] = [
	...sessionCommands,
	...runCommands,
	...toolCommands,
	...queueCommands,
	...fleetCommands,
	...decisionCommands,
	hookCommand,
];

const nouns = [...new Set(commands.map(({words}) => words[0]!))];

/** The command that the words name, and the words that are left over. Throws a usage failure that says what was probably meant. */
export const commandNamed = ([noun, verb, ...rest]: readonly string[]): {
	readonly command: CtlCommand;
	readonly rest: readonly string[];
} => {
	if (noun === undefined) {
		throw usage('A command is missing.');
	}

	const ofNoun = commands.filter(({words}) => words[0] === noun);
	if (ofNoun.length === 0) {
		throw usage(`There is no command ${JSON.stringify(noun)}.${didYouMean(noun, nouns)}`);
	}

	const verbs = ofNoun.map(({words}) => words[1]!);
	const command = ofNoun.find(({words}) => words[1] === verb);
	if (!command) {
		const known = `${noun} knows ${verbs.join(', ')}.`;
		throw usage(
			verb === undefined ? `What about ${noun}? ${known}` : `There is no command “${noun} ${verb}”.${didYouMean(verb, verbs)} ${known}`,
		);
	}

	return {command, rest};
};
