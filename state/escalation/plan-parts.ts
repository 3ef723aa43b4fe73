import type {Escalation} from './escalation.js';
import {isInside} from './path-inside.js';
import {type Unwrapped, unwrapCommand} from './unwrap-command.js';

/** One program that a request would run, as it is remembered: the file behind it, the word it is called by, and its exact arguments. */
export type PlanPart = {readonly executable: string; readonly word: string; readonly args: readonly string[]};

/** What a request would run, part by part; or, in words, why that cannot be told well enough to be answered by anything but a person. */
export type PlanParts = {readonly parts: readonly PlanPart[]; readonly why?: undefined} | {readonly why: string};

type Plan = Pick<Escalation, 'payload' | 'found'>;

/** They change what the rest of a script means. */
const changesShell = new Set(
	'cd pushd popd export set unset alias unalias source . eval exec read trap umask ulimit hash enable shopt declare typeset local readonly'.split(
		' ',
	),
);

const harmlessRedirect = /^(\d+|-|\/dev\/null)$/;

const isWellFormed = (argv: readonly unknown[] | undefined): argv is readonly string[] =>
	argv !== undefined && argv.length > 0 && argv[0] !== '' && argv.every(arg => typeof arg === 'string' && !arg.includes('\0'));

const whyNotPlain = ({commands, hidden, privileged}: Unwrapped): string | undefined => {
	const [obscure] = [...hidden, ...privileged];
	if (obscure !== undefined) {
		return obscure;
	}

	const redirect = commands.flatMap(({redirects}) => redirects).find(path => !harmlessRedirect.test(path));
	if (redirect !== undefined) {
		return 'it writes to or reads from a file by a redirection';
	}

	const [variable] = commands.flatMap(({variables}) => variables);
	if (variable !== undefined) {
		return `it sets ${variable} for what it runs`;
	}

	const builtin = commands.map(({argv}) => argv[0]).find(program => program !== undefined && changesShell.has(program));
	return builtin === undefined ? undefined : `${builtin} changes what the rest of it means`;
};

/** Why the file behind a program is no anchor for a decision that lasts. */
const whyNotExecutable = (program: string, {found}: Plan, folder: string): string | undefined => {
	const executables = found?.executables ?? {};
	const executable = Object.hasOwn(executables, program) ? executables[program] : undefined;
	if (executable === undefined) {
		return `it is not known which file ${program} is`;
	}

	return isInside(executable, {cwd: '/', folder})
		? `${program} lies in the session’s own folder, where the agent can change it`
		: undefined;
};

/**
 * Takes a request apart, wrappers and shells off. Only what is wholly told by its argv and by what the coordinator found out itself has
 * parts; the asker's words never count. `folder` is the session's.
 */
export const planParts = (plan: Plan, folder: string): PlanParts => {
	const {argv, env = {}, diff} = plan.payload ?? {};
	if (!isWellFormed(argv)) {
		return {why: 'it names no command'};
	}

	if (Object.keys(env).length > 0) {
		return {why: 'it changes the environment'};
	}

	if (diff !== undefined) {
		return {why: 'it changes files by itself'};
	}

	const unwrapped = unwrapCommand(argv);
	const commands = unwrapped.commands.filter(command => command.argv.length > 0);
	const programs = [...new Set(unwrapped.seen.map(([program]) => program!))];
	const why =
		whyNotPlain(unwrapped) ??
		(commands.length === 0 ? 'it runs nothing that could be told' : undefined) ??
		programs.map(program => whyNotExecutable(program, plan, folder)).find(sentence => sentence !== undefined);
	return why === undefined
		? {
				parts: commands.map(({argv: [word = '', ...args]}) => ({executable: plan.found!.executables[word]!, word, args})),
			}
		: {why};
};
