import type {AgentAdapter} from '../agent-adapter.js';
import {codingAgents} from './coding-agents.js';
import {command} from './command.js';
import {shell} from './shell.js';

/** Every adapter by its name. */
export const adapters: ReadonlyMap<string, AgentAdapter> = new Map(
	[shell, command, ...codingAgents].map(adapter => [adapter.name, adapter]),
);
