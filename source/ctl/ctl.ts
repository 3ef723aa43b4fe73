import process from 'node:process';
import {visible} from '../../state/view/visible.js';
import {type ExitCode, ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import {packageVersion} from '../package-version.js';
import {type Client, createClient} from './client.js';
import type {Call, CtlCommand, Done} from './command.js';
import {commandNamed} from './commands.js';
import {completionScript} from './completion.js';
import {CtlFailure, usage} from './failure.js';
import {createFlags, type FlagName, type Flags, globalFlags, parseFlags} from './flags.js';
import {helpText} from './help.js';
import {bareField, fieldOf, safeJson} from './print.js';
import {findServer} from './server.js';

/** Where a program writes. */
export type Output = NodeJS.WritableStream & {readonly isTTY?: boolean};

export type CtlOptions = {
	readonly env: NodeJS.ProcessEnv;
	readonly stdout: Output;
	readonly stderr: Output;
	/** What is handed to it; this process's own unless told otherwise. */
	readonly stdin?: NodeJS.ReadableStream;
	/** The folder it was started in; it is also the project whose coordinator is meant. */
	readonly cwd?: string;
	/** Ends commands that go on (`--follow`, waits). */
	readonly signal?: AbortSignal;
};

/** Commands for which an agent's own run is never meant: it would wait for itself. */
const needsAnotherRun = (command: CtlCommand): boolean => command.words.some(word => word.endsWith('wait'));

/** The flags of one command: a bare argument for the one it stands for, an agent's own run where it is left out. */
const flagsFor = (
	command: CtlCommand,
	rest: readonly string[],
	given: ReadonlyMap<FlagName, readonly string[]>,
	env: NodeJS.ProcessEnv,
): Flags => {
	const name = command.words.join(' ');
	const all = new Map(given);
	const [bare, ...tooMany] = rest;
	const isTaken = command.bare !== undefined && tooMany.length === 0 && !all.has(command.bare);
	if (bare !== undefined && !isTaken) {
		throw usage(`${name} does not take ${JSON.stringify(tooMany[0] ?? bare)}.`);
	}

	if (bare !== undefined && command.bare !== undefined) {
		all.set(command.bare, [bare]);
	}

	const unknown = [...all.keys()].find(flag => !globalFlags.includes(flag) && !command.flags.includes(flag));
	if (unknown !== undefined) {
		throw usage(`${name} takes no --${unknown}.`, `See agentctl ${name} --help.`);
	}

	const ownRun = env['AGENT_TUI_RUN_ID'];
	for (const flag of ['run-id', 'parent-run-id'] as const) {
		if (ownRun !== undefined && command.flags.includes(flag) && !all.has(flag) && !needsAnotherRun(command)) {
			all.set(flag, [ownRun]);
		}
	}

	return createFlags(all);
};

const print = async ({answer}: Done, {flags, isJson}: Call, {rows}: CtlCommand, stdout: Output): Promise<void> => {
	if (answer === undefined) {
		return;
	}

	const field = flags.text('field');
	if (field !== undefined) {
		stdout.write(`${bareField(fieldOf(answer, field), {isTerminal: stdout.isTTY === true})}\n`);
		return;
	}

	const listed = isJson ? undefined : rows?.(answer);
	if (listed === undefined) {
		stdout.write(`${safeJson(answer, isJson ? undefined : 2)}\n`);
		return;
	}

	// Loaded only here: drawing costs more than the request.
	stdout.write(listed.length === 0 ? 'Nothing.\n' : `${(await import('./table.js')).tableText(listed)}\n`);
};

const checkFormat = (format: string | undefined): void => {
	if (format !== undefined && format !== 'json' && format !== 'text') {
		throw usage(`--format must be json or text, not ${JSON.stringify(format)}.`);
	}
};

const perform = async (
	argv: readonly string[],
	{env, stdout, stdin = process.stdin, cwd = process.cwd(), signal}: CtlOptions,
): Promise<ExitCode> => {
	const {words, given} = parseFlags(argv);
	if (given.has('help') || words[0] === 'help') {
		stdout.write(helpText(words[0] === 'help' ? words.slice(1) : words));
		return exitCodes.ok;
	}

	const version = packageVersion();
	if (given.has('version')) {
		stdout.write(`${version}\n`);
		return exitCodes.ok;
	}

	if (words[0] === 'completion') {
		stdout.write(completionScript(words[1]));
		return exitCodes.ok;
	}

	const {command, rest} = commandNamed(words);
	const flags = flagsFor(command, rest, given, env);
	checkFormat(flags.text('format'));
	const {place, token} = findServer(flags, {env, project: cwd});
	let client: Client | undefined;
	const call: Call = {
		flags,
		env,
		cwd,
		// Only when it is used: a hook knows its coordinator from its folder alone.
		get client() {
			client ??= createClient({place, token: token(), version});
			return client;
		},
		isJson: flags.text('format') === 'json',
		printLine: line => stdout.write(`${line}\n`),
		signal: signal ?? new AbortController().signal,
		stdin,
	};
	const done = 'run' in command ? await command.run(call) : {answer: await call.client.call({...command.request(call), signal})};
	await print(done, call, command, stdout);
	return done.exitCode ?? exitCodes.ok;
};

/** Whether errors are wanted as JSON, also of a command line that could not be read. */
const wantsJson = (argv: readonly string[]): boolean =>
	argv.includes('--format=json') || argv.some((word, place) => word === '--format' && argv[place + 1] === 'json');

const tell = (error: unknown, isJson: boolean, {stdout, stderr}: CtlOptions): ExitCode => {
	const expected =
		error instanceof ExpectedError
			? error
			: new CtlFailure('INTERNAL', `Something unexpected went wrong: ${error instanceof Error ? error.message : String(error)}`, {
					exitCode: exitCodes.internal,
				});
	const hint = expected.hint === undefined ? '' : `\n${expected.hint}`;
	stderr.write(`agentctl: ${visible(`${expected.message}${hint}`, {newlines: 'keep'})}\n`);
	if (isJson) {
		const code = expected instanceof CtlFailure ? expected.code : 'FAILED';
		stdout.write(`${safeJson({error: {code, message: expected.message}})}\n`);
	}

	return expected.exitCode;
};

/** Resolves once nobody reads the output any more (`agentctl … | head -1`): there is nothing left to do, and nothing to complain about. */
const unread = (stdout: Output): Promise<ExitCode> =>
	new Promise(resolve => {
		stdout.on('error', (error: unknown) => {
			if (systemErrorCode(error) === 'EPIPE') {
				resolve(exitCodes.ok);
			}
		});
	});

const attempt = async (argv: readonly string[], options: CtlOptions): Promise<ExitCode> => {
	try {
		return await perform(argv, options);
	} catch (error) {
		return options.signal?.aborted ? exitCodes.ok : tell(error, wantsJson(argv), options);
	}
};

/**
 * `agentctl`: one command against the coordinator, told on `stdout` (the answer, and with `--format json` nothing but JSON, also for
 * errors) and `stderr` (sentences). Resolves with the exit code; never rejects.
 */
export const runCtl = async (argv: readonly string[], options: CtlOptions): Promise<ExitCode> => {
	const leaving = new AbortController();
	const signal = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal;
	const isOver = unread(options.stdout).then(code => {
		leaving.abort();
		return code;
	});
	return Promise.race([attempt(argv, {...options, signal}), isOver]);
};
