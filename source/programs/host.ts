import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as sleep} from 'node:timers/promises';
import {ExpectedError, exitCodes} from '../errors.js';
import {type HostPlan, serverAbsentFile} from '../host-plan.js';
import {runForeground} from './foreground.js';

const serverStartMs = 20_000;
const lookEveryMs = 50;
const serverGraceMs = 2000;

const readPlan = (file: string): HostPlan => {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as HostPlan;
	} catch (cause) {
		throw new ExpectedError(`Could not read the plan ${file} of this agent.`, {
			hint: 'This program is started by agent-tui itself.',
			exitCode: exitCodes.usage,
			cause,
		});
	}
};

const freePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			const port = typeof address === 'object' && address ? address.port : 0;
			server.close(() => resolve(port));
		});
	});

const answers = (socket: string): Promise<boolean> =>
	new Promise(resolve => {
		const connection = connect(socket);
		connection.once('connect', () => {
			connection.destroy();
			resolve(true);
		});
		connection.once('error', () => resolve(false));
	});

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

type Server = NonNullable<HostPlan['server']>;

const startServer = ({argv: [file = '', ...args], log}: Server, folder: string): ChildProcess => {
	const output = openSync(path.resolve(folder, log), 'a', 0o600);
	const child = spawn(file, args, {stdio: ['ignore', output, output]});
	// Told by `hasEnded`; the log has what it said.
	child.on('error', () => undefined);
	closeSync(output);
	return child;
};

/** Whether the server listens; `false` once it has ended or taken too long. */
const comesUp = async (child: ChildProcess, socket: string): Promise<boolean> => {
	const untilMs = performance.now() + serverStartMs;
	while (!hasEnded(child) && performance.now() < untilMs) {
		if (await answers(socket)) {
			return true;
		}

		await sleep(lookEveryMs);
	}

	return false;
};

const end = async (child: ChildProcess): Promise<void> => {
	if (hasEnded(child)) {
		return;
	}

	const ended = new Promise<void>(resolve => {
		child.once('exit', () => resolve());
	});
	child.kill('SIGTERM');
	const killer = setTimeout(() => child.kill('SIGKILL'), serverGraceMs);
	await ended;
	clearTimeout(killer);
};

const withServer = async (plan: HostPlan, server: Server, folder: string): Promise<number> => {
	const child = startServer(server, folder);
	try {
		const isUp = await comesUp(child, server.socket);
		if (!isUp) {
			process.stderr.write(`${server.argv[0]} offers no server here; its own dialogs ask instead (see ${server.log}).\r\n`);
			writeFileSync(path.join(folder, serverAbsentFile), '', {mode: 0o600});
			await end(child);
		}

		return await runForeground(isUp ? plan.argv : server.fallback);
	} finally {
		await end(child);
	}
};

const withPort = async ({argv, portFile}: HostPlan, folder: string): Promise<readonly string[]> => {
	if (portFile === undefined) {
		return argv;
	}

	const port = String(await freePort());
	writeFileSync(path.resolve(folder, portFile), port, {mode: 0o600});
	return argv.map(argument => argument.replaceAll('{port}', port));
};

/**
 * `agent-tui host FILE`: runs an agent in this terminal with what its protocol needs beside it, such as a server of its own that lives
 * exactly as long. Exits as the agent does.
 */
export const main = async ([file = '']: readonly string[]): Promise<number> => {
	const plan = readPlan(file);
	const folder = path.dirname(file);
	const argv = await withPort(plan, folder);
	return plan.server ? withServer({...plan, argv}, plan.server, folder) : runForeground(argv);
};
