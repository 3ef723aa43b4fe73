import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {Writable} from 'node:stream';
import {runCtl} from '../../source/ctl/ctl.js';
import type {ExitCode} from '../../source/errors.js';
import type {LiveRun, TestGateway} from './open-gateway.js';

/** What a call of agentctl left behind. */
export type CtlResult = {
	readonly exitCode: ExitCode;
	readonly stdout: string;
	readonly stderr: string;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
	readonly json: any;
};

export type CtlCall = {
	readonly env?: NodeJS.ProcessEnv;
	readonly cwd?: string;
	readonly isTerminal?: boolean;
	readonly signal?: AbortSignal;
};

const capture = (isTerminal: boolean) => {
	let text = '';
	const stream = new Writable({
		write(chunk: Buffer, _encoding, done) {
			text += chunk.toString();
			done();
		},
	});
	return {stream: Object.assign(stream, {isTTY: isTerminal}), text: () => text};
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** Starts agentctl in this process: what it printed so far, and its end. */
export const startCtl = (args: readonly string[], {env = {}, cwd = '/tmp', isTerminal = false, signal}: CtlCall = {}) => {
	const [stdout, stderr] = [capture(isTerminal), capture(isTerminal)];
	const exited = runCtl(args, {env, cwd, stdout: stdout.stream, stderr: stderr.stream, ...(signal && {signal})});
	return {stdout: stdout.text, stderr: stderr.text, exited};
};

/** Runs agentctl in this process, with nothing of this process's environment. */
export const ctl = async (args: readonly string[], call?: CtlCall): Promise<CtlResult> => {
	const started = startCtl(args, call);
	const exitCode = await started.exited;
	return {exitCode, stdout: started.stdout(), stderr: started.stderr(), json: parsed(started.stdout())};
};

/** The environment of an operator's shell beside a gateway. */
export const operatorEnv = (gateway: TestGateway): NodeJS.ProcessEnv => ({AGENT_TUI_HOME: gateway.folder});

/** agentctl as the operator, with JSON. */
export const asked = (gateway: TestGateway, ...args: readonly string[]): Promise<CtlResult> =>
	ctl(['--format', 'json', ...args], {env: operatorEnv(gateway)});

/** The environment an agent has. */
export const agentEnv = (gateway: TestGateway, run: LiveRun): NodeJS.ProcessEnv & {readonly AGENT_TUI_TOKEN_FILE: string} => {
	const file = path.join(gateway.folder, `token-${run.runId}`);
	writeFileSync(file, run.token, {mode: 0o600});
	return {
		AGENT_TUI_SOCKET: gateway.place().socketPath,
		AGENT_TUI_RUN_ID: run.runId,
		AGENT_TUI_SESSION_ID: run.sessionId,
		AGENT_TUI_TOKEN_FILE: file,
	};
};
