import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {AgentProfile} from '../state/agent-profile.js';
import {defaultLimits, type Limits} from '../state/limits.js';
import {ExpectedError, exitCodes, systemErrorCode} from './errors.js';
import {findExecutable} from './find-executable.js';

export type Config = {readonly agents: readonly AgentProfile[]; readonly limits: Limits};

const installable: ReadonlyArray<readonly [name: string, description: string]> = [
	['claude', 'Claude Code'],
	['codex', 'Codex CLI'],
	['gemini', 'Gemini CLI'],
	['opencode', 'OpenCode'],
];

const shellProfile: AgentProfile = {name: 'shell', adapter: 'shell', description: 'your shell: runs any command line'};

/** The built-in shell, and every known coding agent that is on the PATH. */
export const foundAgents = (env: NodeJS.ProcessEnv): readonly AgentProfile[] => [
	shellProfile,
	...installable
		.filter(([name]) => findExecutable(name, {searchPath: env['PATH'] ?? '', cwd: '/'}) !== undefined)
		.map(([name, description]) => ({name, adapter: name, description})),
];

/** Where the user's configuration is looked for. */
export const configFile = (env: NodeJS.ProcessEnv): string => {
	const xdg = env['XDG_CONFIG_HOME'];
	const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.config');
	return env['AGENT_TUI_CONFIG'] ?? path.join(base, 'agent-tui', 'config.json');
};

const wrong = (file: string, what: string): never => {
	throw new ExpectedError(`The configuration ${file} ${what}`, {
		hint: 'Mend or remove the file. The readme shows every setting.',
		exitCode: exitCodes.config,
	});
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(item => typeof item === 'string');

const readAgent = (file: string, name: string, value: unknown): AgentProfile => {
	if (!/^[a-z0-9][\w.-]{0,31}$/i.test(name)) {
		wrong(file, `names an agent ${JSON.stringify(name)}: use up to 32 letters, digits, dots, dashes and underscores.`);
	}

	if (!isRecord(value) || !isTexts(value['argv']) || value['argv'].length === 0) {
		return wrong(file, `gives agent ${name} no "argv": a list of the program and its arguments.`);
	}

	const {argv, env, description} = value;
	const unknown = Object.keys(value).find(key => !['argv', 'env', 'description', 'adapter'].includes(key));
	if (unknown !== undefined) {
		wrong(file, `has an unknown key ${JSON.stringify(unknown)} in agent ${name}: argv, env, description and adapter are known.`);
	}

	if (env !== undefined && !(isRecord(env) && Object.values(env).every(item => typeof item === 'string'))) {
		wrong(file, `gives agent ${name} an "env" that is not a set of texts.`);
	}

	return {
		name,
		adapter: 'command',
		argv,
		...(isRecord(env) && {env: env as Readonly<Record<string, string>>}),
		description: typeof description === 'string' ? description : argv.join(' '),
	};
};

const readLimits = (file: string, value: unknown): Limits => {
	if (value === undefined) {
		return defaultLimits;
	}

	if (!isRecord(value)) {
		return wrong(file, 'has "limits" that are not a set of numbers.');
	}

	for (const [name, limit] of Object.entries(value)) {
		if (!(name in defaultLimits)) {
			wrong(file, `has an unknown limit ${JSON.stringify(name)}: known are ${Object.keys(defaultLimits).join(', ')}.`);
		}

		if (!Number.isInteger(limit) || (limit as number) < 0) {
			wrong(file, `sets limit ${name} to ${JSON.stringify(limit)}: it must be a whole number, 0 or more.`);
		}
	}

	return {...defaultLimits, ...(value as Partial<Limits>)};
};

/** What the user configured, on top of what was found. A missing file is no fault; a wrong one is told with its place. */
export const readConfig = (env: NodeJS.ProcessEnv): Config => {
	const file = configFile(env);
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') {
			return {agents: foundAgents(env), limits: defaultLimits};
		}

		throw new ExpectedError(`Could not read the configuration ${file}.`, {cause: error, exitCode: exitCodes.config});
	}

	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return wrong(file, `is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
	}

	if (!isRecord(value)) {
		return wrong(file, 'is not a JSON object.');
	}

	const unknown = Object.keys(value).find(key => key !== 'agents' && key !== 'limits');
	if (unknown !== undefined) {
		wrong(file, `has an unknown key ${JSON.stringify(unknown)}: "agents" and "limits" are known.`);
	}

	const {agents = {}} = value;
	if (!isRecord(agents)) {
		return wrong(file, 'has "agents" that are not a set of agents.');
	}

	const configured = Object.entries(agents).map(([name, agent]) => readAgent(file, name, agent));
	const names = new Set(configured.map(({name}) => name));
	return {agents: [...foundAgents(env).filter(({name}) => !names.has(name)), ...configured], limits: readLimits(file, value['limits'])};
};
