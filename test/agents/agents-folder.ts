import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {homedir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {type AgentName, agentPackageOf} from './agent-packages.js';
import {objectOf, stringOf} from './json-value.js';

/** Where agent CLIs are installed: outside the checkout, so that a clean one need not fetch two gigabytes again. */
export const agentsFolder = (): string => {
	const {AGENT_TUI_AGENTS_DIR: chosen, XDG_CACHE_HOME: cache} = process.env;
	return chosen || path.join(cache || path.join(homedir(), '.cache'), 'agent-tui', 'agents');
};

/** The npm prefix of one agent. */
export const agentPrefix = (name: AgentName): string => path.join(agentsFolder(), name);

/** The program of one agent, whether it is there or not. */
export const agentFile = (name: AgentName): string => path.join(agentPrefix(name), 'node_modules', '.bin', agentPackageOf(name).binary);

/** The folder of the Node that the project brings: agents that are scripts, and npm, must find it first on their PATH. */
export const nodeFolder = (): string => path.join(path.dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin');

/** What the installer left beside an agent: the version it put there, or why it could not. */
export type Stamp = {readonly version: string; readonly problem?: string};

/** The file of an agent's stamp. */
export const stampFile = (name: AgentName): string => path.join(agentPrefix(name), 'installed.json');

/** The stamp of an agent; `undefined` when nobody has tried to install it. */
export const readStamp = (name: AgentName): Stamp | undefined => {
	if (!existsSync(stampFile(name))) {
		return undefined;
	}

	const {version, problem} = objectOf(JSON.parse(readFileSync(stampFile(name), 'utf8')));
	return {version: stringOf(version), ...(typeof problem === 'string' && {problem})};
};
