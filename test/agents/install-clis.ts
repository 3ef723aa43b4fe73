/**
 * Installs the agent CLIs that the tests with real agents use: `node install-clis.js [--with openclaw] [agent…]`.
 * Prints a table of what is there and why something is not; an agent that cannot be installed is no failure.
 */
import process from 'node:process';
import {parseArgs} from 'node:util';
import {type AgentName, agentNames, agentPackageOf} from './agent-packages.js';
import {agentsFolder} from './agents-folder.js';
import {installAgent} from './install-agent.js';

const timeoutMs = 10 * 60_000;

const isAgent = (name: string): name is AgentName => agentNames.some(one => one === name);

const wantedAgents = (): readonly AgentName[] => {
	const {values, positionals} = parseArgs({options: {with: {type: 'string', multiple: true, default: []}}, allowPositionals: true});
	const unknown = [...positionals, ...values.with].filter(name => !isAgent(name));
	if (unknown.length > 0) {
		throw new Error(`No agent is called ${unknown.join(', ')}. There are ${agentNames.join(', ')}.`);
	}

	const usual = positionals.length > 0 ? positionals.filter(isAgent) : agentNames.filter(name => !agentPackageOf(name).isOptional);
	return [...new Set([...usual, ...values.with.filter(isAgent)])];
};

const print = (line: string) => process.stdout.write(`${line}\n`);

const installAll = async (): Promise<void> => {
	print(`Agents in ${agentsFolder()}`);
	for (const name of wantedAgents()) {
		const {version, problem, isNew} = await installAgent(name, {timeoutMs});
		const result = problem === undefined ? (isNew ? 'installed' : 'was there') : `not installed: ${problem}`;
		print(`${name.padEnd(18)}${version.padEnd(12)}${result}`);
	}
};

await installAll();
