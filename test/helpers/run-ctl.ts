import {Writable} from 'node:stream';
import {runCtl} from '../../source/ctl/ctl.js';
import type {ExitCode} from '../../source/errors.js';
import type {TestGateway} from './open-gateway.js';

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
