import process from 'node:process';
import {adapters} from '../agents/registry.js';
import {readConfig} from '../config.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {createLog} from '../log.js';
import {openCoordinator} from './coordinator.js';
import {pathsOfFlags, projectFolder, readFlags} from './flags.js';
import {thisProgram} from './this-program.js';

const help = `
  Usage
    $ agentd [options]

  Runs the orchestrator without a console: agentctl drives it, a console connects to it.

  Options
    --state-dir DIR         where its state lives (else $AGENT_TUI_HOME, else the XDG state folder of the project)
    --project DIR           the folder it works for (default: this one)
    --max-concurrency N     runs at once (default: the configuration's limit concurrent, else 4)
    --auth-token T          one more operator token; repeatable (also AGENTD_AUTH_TOKEN, AGENTD_AUTH_TOKENS)
    --port N                also listen on 127.0.0.1:N
    --codex-profile P       the Codex profile to use (also AGENTD_CODEX_PROFILE)
    --codex-extra-arg A     one more argument for Codex; repeatable
    --embedded              run agents inside this process: they end with it
`;

/** Nobody sits before it: fewer agents at once than with a console, unless it is told otherwise. */
const usualConcurrency = 4;

/** The size of agents' terminals while no operator has one. */
const headlessSize = {columns: 120, rows: 40};

const checkConcurrency = (value: number | undefined): void => {
	if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
		throw new ExpectedError(`--max-concurrency must be a whole number above 0, not ${value}.`, {exitCode: exitCodes.usage});
	}
};

const largestPort = 65_535;

const checkPort = (value: number | undefined): void => {
	if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= largestPort)) {
		throw new ExpectedError(`--port must be a whole number from 0 to ${largestPort}.`, {exitCode: exitCodes.usage});
	}
};

/** A command meant for agentctl must not start a second coordinator. */
const checkNoWords = ([word]: readonly string[]): void => {
	if (word !== undefined) {
		throw new ExpectedError(`agentd takes options only, not ${JSON.stringify(word)}.`, {
			hint: 'Commands are for agentctl, such as: agentctl daemon status.',
			exitCode: exitCodes.usage,
		});
	}
};

const untilEnded = (): Promise<number> =>
	new Promise(resolve => {
		for (const [signal, number] of [
			['SIGINT', 2],
			['SIGTERM', 15],
			['SIGHUP', 1],
		] as const) {
			process.once(signal, () => {
				resolve(signal === 'SIGTERM' ? 0 : 128 + number);
			});
		}
	});

/** `agentd`: the coordinator until a signal ends it. Agents in the launcher go on. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags, input} = readFlags(args, help, {
		stateDir: {type: 'string'},
		project: {type: 'string'},
		maxConcurrency: {type: 'number'},
		authToken: {type: 'string', isMultiple: true},
		port: {type: 'number'},
		codexProfile: {type: 'string'},
		codexExtraArg: {type: 'string', isMultiple: true},
		embedded: {type: 'boolean', default: false},
	});
	checkNoWords(input);
	checkPort(flags.port);
	checkConcurrency(flags.maxConcurrency);
	const {env} = process;
	const project = projectFolder(flags.project);
	const paths = pathsOfFlags(flags, project);
	const config = await readConfig(env, adapters, {concurrent: usualConcurrency});
	const codexArgs = [
		...((flags.codexProfile ?? env['AGENTD_CODEX_PROFILE']) ? ['--profile', (flags.codexProfile ?? env['AGENTD_CODEX_PROFILE'])!] : []),
		...(flags.codexExtraArg ?? []),
	];
	const agents = config.agents.map(agent => (agent.adapter === 'codex' ? {...agent, args: [...codexArgs, ...(agent.args ?? [])]} : agent));
	const coordinator = await openCoordinator({
		paths,
		role: 'agentd',
		project,
		env,
		config: {...config, agents, limits: {...config.limits, concurrent: flags.maxConcurrency ?? config.limits.concurrent}},
		programFile: thisProgram,
		embedded: flags.embedded,
		readOnly: false,
		ptySize: () => headlessSize,
		log: createLog(paths.logFile),
		tcpPort: flags.port,
		extraOperatorTokens: [
			...(flags.authToken ?? []),
			...(env['AGENTD_AUTH_TOKEN'] ?? '').split(','),
			...(env['AGENTD_AUTH_TOKENS'] ?? '').split(','),
		]
			.map(token => token.trim())
			.filter(token => token !== ''),
	});
	const ended = untilEnded();
	try {
		await coordinator.begin();
		process.stdout.write(`agentd is ready: ${paths.gatewaySocket}\n`);
		return await ended;
	} finally {
		await coordinator.close();
	}
};
