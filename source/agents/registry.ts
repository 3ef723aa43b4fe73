import type {AgentAdapter} from '../agent-adapter.js';
import {acp} from './acp.js';
import {claude} from './claude.js';
import {codex} from './codex.js';
import {command} from './command.js';
import {copilot} from './copilot.js';
import {gemini} from './gemini.js';
import {openclaw} from './openclaw.js';
import {opencode} from './opencode.js';
import {pi} from './pi.js';
import {qwen} from './qwen.js';
import {shell} from './shell.js';

/** Every adapter by its name. */
export const adapters: ReadonlyMap<string, AgentAdapter> = new Map(
	[shell, command, claude, codex, gemini, opencode, qwen, copilot, pi, openclaw, acp].map(adapter => [adapter.name, adapter]),
);
