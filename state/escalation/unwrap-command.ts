import {parseShell} from './shell-words.js';

/** A program that would run, with its arguments; freed of everything that only runs another program. */
export type PlainCommand = {
	readonly argv: readonly string[];
	/** Files it is redirected to or from. */
	readonly redirects: readonly string[];
	/** Environment variables set in front of it. */
	readonly variables: readonly string[];
};

/** What a command line would run. `hidden` says, in words, what cannot be told by reading it; `privileged`, that it asks for another user's rights. */
export type Unwrapped = {
	readonly commands: readonly PlainCommand[];
	readonly hidden: readonly string[];
	readonly privileged: readonly string[];
	/** Every command line on the way, wrappers and shells included, outermost first. */
	readonly seen: ReadonlyArray<readonly string[]>;
};

type Unwrapping = {
	readonly inner: readonly string[];
	readonly variables?: readonly string[];
	readonly hidden?: string;
	readonly privileged?: string;
};

/** The name of a program without its folder. */
export const programName = (program: string): string => program.slice(program.lastIndexOf('/') + 1);

const systemFolders = new Set(['/bin', '/usr/bin', '/usr/local/bin', '/sbin', '/usr/sbin']);

/** Whether a program is found by its name alone or lies where the system has its own. */
export const isOfTheSystem = (program: string): boolean =>
	!program.includes('/') || systemFolders.has(program.slice(0, program.lastIndexOf('/')));

const shells = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish', 'mksh']);
const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/;

/** Options that take the next argument as their value, by wrapper. */
const valueOptions: Readonly<Record<string, readonly string[]>> = {
	env: ['-u', '--unset', '-C', '--chdir'],
	timeout: ['-k', '--kill-after', '-s', '--signal'],
	nice: ['-n', '--adjustment'],
	ionice: ['-c', '-n', '-p'],
	stdbuf: ['-i', '-o', '-e'],
	xargs: ['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s'],
	time: ['-f', '-o'],
	watch: ['-n', '-d'],
	flock: ['-w', '-E'],
	sudo: ['-u', '-g', '-C', '-h', '-p', '-r', '-t', '-T', '-U', '-D', '-R'],
	doas: ['-u', '-C'],
};

/** How many arguments of its own a wrapper takes before the command it runs. */
const operands: Readonly<Record<string, number>> = {timeout: 1, flock: 1, chroot: 1};

const wrappers = new Set([
	'env',
	'timeout',
	'nohup',
	'nice',
	'ionice',
	'stdbuf',
	'setsid',
	'time',
	'command',
	'exec',
	'busybox',
	'toybox',
	'xargs',
	'watch',
	'flock',
	'sudo',
	'doas',
	'chroot',
]);
const privilegedWrappers = new Set(['sudo', 'doas', 'chroot']);

/** The arguments behind a wrapper's own options and operands. */
const behindOptions = (name: string, args: readonly string[]): readonly string[] => {
	const valued = valueOptions[name] ?? [];
	let at = 0;
	while (at < args.length && args[at]!.startsWith('-') && args[at] !== '--') {
		at += valued.includes(args[at]!) ? 2 : 1;
	}

	return args.slice((args[at] === '--' ? at + 1 : at) + (operands[name] ?? 0));
};

const unwrapWrapper = (name: string, args: readonly string[]): Unwrapping => {
	if (name === 'env' && args.some(arg => /^(-[a-zA-Z]*S|--split-string)/.test(arg))) {
		return {inner: [], hidden: 'env -S splits a text into a command'};
	}

	const behind = behindOptions(name, args);
	const firstWord = behind.findIndex(arg => !(name === 'env' || privilegedWrappers.has(name)) || !assignment.test(arg));
	const inner = firstWord === -1 ? [] : behind.slice(firstWord);
	return {
		inner,
		variables: behind.slice(0, firstWord === -1 ? behind.length : firstWord).map(arg => arg.slice(0, arg.indexOf('='))),
		...(name === 'xargs' && {hidden: 'xargs takes more arguments from its input'}),
		...(privilegedWrappers.has(name) && {privileged: `${name} runs it with other rights`}),
	};
};

const findActions = new Set(['-exec', '-execdir', '-ok', '-okdir']);

/** The commands that `find -exec` runs for each file. */
const findCommands = (args: readonly string[]): ReadonlyArray<readonly string[]> =>
	args.flatMap((arg, index) => {
		if (!findActions.has(arg)) {
			return [];
		}

		const rest = args.slice(index + 1);
		const end = rest.findIndex(word => word === ';' || word === '\\;' || word === '+');
		return [rest.slice(0, end === -1 ? rest.length : end)];
	});

const joined = (parts: readonly Unwrapped[]): Unwrapped => ({
	commands: parts.flatMap(part => part.commands),
	hidden: parts.flatMap(part => part.hidden),
	privileged: parts.flatMap(part => part.privileged),
	seen: parts.flatMap(part => part.seen),
});

const nothing: Unwrapped = {commands: [], hidden: [], privileged: [], seen: []};
const deepest = 8;

const unwrapShell = (name: string, args: readonly string[], depth: number): Unwrapped => {
	const flag = args.findIndex(arg => /^-[a-z]*c$/.test(arg));
	const script = flag === -1 ? undefined : args[flag + 1];
	if (script === undefined) {
		return {...nothing, hidden: [args.some(arg => !arg.startsWith('-')) ? `${name} runs a script file` : `${name} runs what it reads`]};
	}

	if (args.slice(0, flag).some(arg => !/^-[a-z]+$/.test(arg))) {
		return {...nothing, hidden: [`${name} is told to behave otherwise`]};
	}

	const {commands, isOpaque} = parseShell(script);
	const parts = commands.map(command => unwrapAt(command.words, command.redirects, depth + 1));
	return joined([...parts, isOpaque ? {...nothing, hidden: ['only a shell can tell what parts of it mean']} : nothing]);
};

const unwrapAt = (argv: readonly string[], redirects: readonly string[], depth: number): Unwrapped => {
	if (depth > deepest) {
		return {...nothing, hidden: ['it is wrapped too deeply']};
	}

	const start = argv.findIndex(word => !assignment.test(word));
	const variables = argv.slice(0, start === -1 ? argv.length : start).map(word => word.slice(0, word.indexOf('=')));
	const [program, ...args] = start === -1 ? [] : argv.slice(start);
	const own: PlainCommand = {argv: program === undefined ? [] : [program, ...args], redirects, variables};
	const itself: Unwrapped = {...nothing, seen: own.argv.length > 0 ? [own.argv] : []};
	// A file that only has the name of a wrapper may do anything.
	const name = program === undefined || !isOfTheSystem(program) ? '' : programName(program);
	if (shells.has(name)) {
		return joined([itself, unwrapShell(name, args, depth), {...nothing, commands: [{argv: [], redirects, variables}]}]);
	}

	if (name === 'find') {
		const run = findCommands(args).map(inner => unwrapAt(inner, [], depth + 1));
		return joined([{...itself, commands: [own]}, ...run]);
	}

	if (!wrappers.has(name)) {
		return {...itself, commands: [own]};
	}

	const {inner, hidden, privileged, variables: set = []} = unwrapWrapper(name, args);
	const around: Unwrapped = {
		...itself,
		commands: [{argv: [], redirects, variables: [...variables, ...set]}],
		hidden: hidden === undefined ? [] : [hidden],
		privileged: privileged === undefined ? [] : [privileged],
	};
	return inner.length === 0 ? around : joined([around, unwrapAt(inner, [], depth + 1)]);
};

/** What a command line would run, with `env`, `sudo`, `timeout`, `nohup`, `xargs`, `find -exec`, `bash -c` and the like taken off. */
export const unwrapCommand = (argv: readonly string[]): Unwrapped => unwrapAt(argv, [], 0);
