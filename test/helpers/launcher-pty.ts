import process from 'node:process';
import {openPty, type Pty, type PtyEnd} from '../../source/launcher/open-pty.js';

export type TestPty = Pty & {
	output(): Buffer;
	text(): string;
	readonly ended: Promise<PtyEnd>;
	[Symbol.asyncDispose](): Promise<void>;
};

export type TestPtyOptions = {
	readonly file?: string;
	readonly args?: readonly string[];
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly columns?: number;
	readonly rows?: number;
	/** Called with every chunk, and the pty it came from. */
	readonly onOutput?: (chunk: Buffer, pty: Pty) => void;
};

/** A pty whose output is kept, and whose process group is killed at the end of the test. */
export const createTestPty = ({onOutput, ...options}: TestPtyOptions): TestPty => {
	const chunks: Buffer[] = [];
	const ending = Promise.withResolvers<PtyEnd>();
	let hasEnded = false;
	const pty = openPty({
		file: '/bin/sh',
		args: [],
		cwd: '/',
		env: {PATH: '/usr/bin:/bin', TERM: 'xterm-256color'},
		columns: 80,
		rows: 24,
		...options,
		onOutput(chunk) {
			chunks.push(chunk);
			onOutput?.(chunk, pty);
		},
		onExit(end) {
			hasEnded = true;
			ending.resolve(end);
		},
	});

	return {
		...pty,
		output: () => Buffer.concat(chunks),
		text: () => Buffer.concat(chunks).toString('utf8'),
		ended: ending.promise,
		async [Symbol.asyncDispose]() {
			pty.resume();
			if (!hasEnded) {
				process.kill(-pty.pid, 'SIGKILL');
			}

			await ending.promise;
		},
	};
};

/** A shell script in a pty. */
export const openScript = (script: string, options: TestPtyOptions = {}): TestPty => createTestPty({...options, args: ['-c', script]});
