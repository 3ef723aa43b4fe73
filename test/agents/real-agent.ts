import {existsSync} from 'node:fs';
import {type AgentName, agentPackageOf} from './agent-packages.js';
import {agentFile, readStamp} from './agents-folder.js';

/** An agent CLI that can be run. */
export type RealAgent = {readonly name: AgentName; readonly file: string; readonly version: string};

/** Why tests with this agent cannot run here; `undefined` when they can. */
export const whyNoAgent = (name: AgentName): string | undefined => {
	const {version, drives} = agentPackageOf(name);
	const stamp = readStamp(name);
	const remedy = 'run "npm run agents:install"';
	if (!stamp || stamp.version !== version) {
		return `${name} ${version} is not installed: ${remedy}${agentPackageOf(name).isOptional ? ` with "-- --with ${name}"` : ''}.`;
	}

	if (stamp.problem !== undefined) {
		return `${name} ${version} could not be installed: ${stamp.problem}.`;
	}

	if (!existsSync(agentFile(name))) {
		return `${name} ${version} has lost its program ${agentFile(name)}: remove its folder and ${remedy}.`;
	}

	return drives && whyNoAgent(drives);
};

/** The agent, or an error whose message is the sentence of `whyNoAgent`. */
export const realAgent = (name: AgentName): RealAgent => {
	const problem = whyNoAgent(name);
	if (problem !== undefined) {
		throw new Error(problem);
	}

	return {name, file: agentFile(name), version: agentPackageOf(name).version};
};
