import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {onTestFinished, vi} from 'vitest';
import {openProgram, type Program} from './open-program.js';
import {compiledFile} from './store-compiled.js';

export type ConsoleStatus = {
	readonly pid: number;
	readonly rounds: number;
	readonly longestGapMs: number;
	readonly keys: readonly string[];
	readonly outcome: string;
	/** What the agent has written so far. */
	readonly agentBytes: number;
};

export type TestConsole = Program & {
	/** What the console says about itself, a moment ago. */
	readonly status: () => ConsoleStatus;
	/** Sends a signal to the console itself, not to the shell around it. */
	readonly signal: (signal: NodeJS.Signals) => Promise<void>;
	/** Every byte the agent has read. */
	readonly agentInput: () => Buffer;
};

const fixture = (name: string): string => fileURLToPath(compiledFile(`test/fixtures/${name}.js`));

export type TestConsoleOptions = {
	readonly columns?: number;
	readonly rows?: number;
	readonly env?: Readonly<Record<string, string>>;
	/** A shell command line around the console, which is `$CONSOLE`; by default the console alone. */
	readonly script?: string;
	/** Opens a shell at its prompt instead. */
	readonly interactive?: boolean;
};

/** The small console of the fixtures in a real pty, under a shell, closed when the test ends. */
export const openTestConsole = ({
	columns = 60,
	rows = 12,
	env = {},
	script = '$CONSOLE',
	interactive = false,
}: TestConsoleOptions = {}): TestConsole => {
	const folder = mkdtempSync(path.join(tmpdir(), 'operator-terminal-'));
	const status = path.join(folder, 'status.json');
	const agentFile = path.join(folder, 'agent-input');
	const program = openProgram({
		file: 'bash',
		args: interactive ? ['--norc', '--noprofile', '-i'] : ['-c', script],
		env: {
			CONSOLE: `${process.execPath} ${fixture('terminal-console')}`,
			AGENT: fixture('terminal-agent'),
			AGENT_FILE: agentFile,
			STATUS: status,
			PS1: 'prompt> ',
			...env,
		},
		columns,
		rows,
	});
	let last: ConsoleStatus = {pid: 0, rounds: 0, longestGapMs: 0, keys: [], outcome: '', agentBytes: 0};
	onTestFinished(async () => {
		await program.close();
		rmSync(folder, {recursive: true, force: true});
	});

	const read = (): ConsoleStatus => {
		try {
			last = JSON.parse(readFileSync(status, 'utf8')) as ConsoleStatus;
		} catch {
			// Not there yet, or just being written: what was read before is as good.
		}

		return last;
	};

	return {
		...program,
		status: read,
		async signal(signal) {
			// Never 0: that would be everybody.
			await vi.waitUntil(() => read().pid > 0, {timeout: 10_000});
			process.kill(last.pid, signal);
		},
		agentInput: () => (existsSync(agentFile) ? readFileSync(agentFile) : Buffer.alloc(0)),
	};
};
