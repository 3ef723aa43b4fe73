import os from 'node:os';
import process from 'node:process';
import {adapters} from '../agents/registry.js';
import {type Config, readConfig} from '../config.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {createLog, type Log} from '../log.js';
import type {Paths} from '../paths.js';
import {readHolder} from '../store/lock.js';
import {openOperatorTerminal} from '../terminal/operator-terminal.js';
import {whyNoConsole} from '../terminal/tty-check.js';
import type {CorrectStatus, ExportSession} from '../ui/perform.js';
import {runConsole} from '../ui/run-console.js';
import {type Coordinator, openCoordinator} from './coordinator.js';
import {failureText} from './failure-text.js';
import {pathsOfFlags, projectFolder, readFlags} from './flags.js';
import {thisProgram} from './this-program.js';

const help = `
  Usage
    $ agent-tui [options]            the console
    $ agent-tui export SESSION       write a session's log (--help for its options)
    $ agent-tui ctl …                the same as agentctl
    $ agent-tui daemon               the same as agentd
    $ agent-tui reset                put a terminal right that a killed console left behind

  Options
    --state-dir DIR    where its state lives (else $AGENT_TUI_HOME, else the XDG state folder of the project)
    --project DIR      the folder it works for (default: this one)
    --read-only        look, change nothing
    --embedded         run agents inside this process: they end with it
`;

const signalExits = {SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143} as const;

type Open = {paths: Paths; project: string; embedded: boolean; readOnly: boolean; config: Config; log: Log};

/** The coordinator in this process; where an agentd (or, for a look, a console) has the state folder, a connection to that one. */
const open = async (options: Open): Promise<Coordinator> => {
	const {paths, readOnly} = options;
	const holder = await readHolder(paths.folder).catch(() => undefined);
	if (holder && (holder.role === 'agentd' || readOnly)) {
		const {connectCoordinator} = await import('./remote-console.js');
		return connectCoordinator(options);
	}

	const ptySize = () => ({columns: process.stdout.columns || 80, rows: process.stdout.rows || 24});
	return openCoordinator({
		...options,
		role: 'console',
		env: process.env,
		programFile: thisProgram,
		ptySize,
	});
};

const exporterOf =
	({fleet}: Coordinator): ExportSession =>
	async (sessionId, form) => {
		const [{exportSession}, {writeExport}, {exportFileName, exportFormatOf}, {exportSources}] = await Promise.all([
			import('../export/export-session.js'),
			import('../export/export-file.js'),
			import('../export/export-format.js'),
			import('./export-sources.js'),
		]);
		const {orchestrator, paths, launcher} = fleet;
		const state = orchestrator.getState();
		const format = exportFormatOf(form)!;
		const chunks = exportSession({state, sessionId, tree: false, format, nowMs: orchestrator.now(), ...exportSources(paths, launcher())});
		const file = `${paths.exportFolder}/${exportFileName(state.sessions[sessionId]!, format)}`;
		return writeExport({chunks, file, overwrite: true, makeFolder: true});
	};

const correctStatus: CorrectStatus = async correction => {
	const [{writeCorrection}, {screenRulesFolder}] = await Promise.all([
		import('../agents/screen-rules/correction.js'),
		import('../agents/screen-rules/user-rules.js'),
	]);
	const {file} = await writeCorrection(screenRulesFolder(process.env), correction, Date.now());
	return `The rule is in force, with what the screen showed beside it: ${file}`;
};

const show = async (coordinator: Coordinator, {quietHours}: Config, log: Log): Promise<number> => {
	const proof: string[] = [];
	let failure: unknown;
	const terminal = openOperatorTerminal({
		stdin: process.stdin,
		stdout: process.stdout,
		env: process.env,
		// Agents live in the launcher: there is nothing to wait for but the journal, which is durable already.
		onSignal: signal => process.exit(signalExits[signal]),
	});
	const begin = () =>
		coordinator.begin().catch((error: unknown) => {
			failure = error;
			log('Could not begin.', error);
		});
	let begun: Promise<void> | undefined;
	try {
		const leaving = runConsole({
			fleet: coordinator.fleet,
			terminal,
			actorName: os.userInfo().username,
			exportSession: exporterOf(coordinator),
			correctStatus,
			quietHours,
			onQuit: ending => {
				proof.push(...ending.proof);
			},
		});
		// Its first frame has been written by now; everything else comes after that.
		begun = begin();
		log(`The console ended: ${await leaving}.`);
	} finally {
		await terminal.close();
	}

	await begun;
	process.stdout.write(proof.map(line => `${line}\n`).join(''));
	if (failure === undefined) {
		return exitCodes.ok;
	}

	const {text, exitCode} = failureText(failure);
	process.stderr.write(text);
	return exitCode;
};

/** `agent-tui`: the console, full screen, until the operator leaves it. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags, input} = readFlags(args, help, {
		stateDir: {type: 'string'},
		project: {type: 'string'},
		readOnly: {type: 'boolean', default: false},
		embedded: {type: 'boolean', default: false},
	});
	if (input.length > 0) {
		throw new ExpectedError(`There is no command ${JSON.stringify(input[0])}.`, {
			hint: 'agent-tui --help shows what there is.',
			exitCode: exitCodes.usage,
		});
	}

	const why = whyNoConsole({stdin: process.stdin, stdout: process.stdout, env: process.env});
	if (why !== undefined) {
		throw new ExpectedError(why, {hint: 'agentd runs without a console, and agentctl drives it.', exitCode: exitCodes.usage});
	}

	const project = projectFolder(flags.project);
	const paths = pathsOfFlags(flags, project);
	const log = createLog(paths.logFile);
	const config = await readConfig(process.env, adapters);
	const coordinator = await open({paths, project, embedded: flags.embedded, readOnly: flags.readOnly, config, log});
	try {
		return await show(coordinator, config, log);
	} finally {
		await coordinator.close();
	}
};
