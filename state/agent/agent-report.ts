import type {Usage} from '../safety/usage.js';
import type {AgentStatus} from './agent-status.js';

/** What an agent's own channel (hook, protocol, screen) tells about it while it works. Untrusted: it may inform, never decide. */
export type AgentReport =
	/** The agent's own id of the conversation, for resuming it. */
	| {readonly kind: 'thread'; readonly threadId: string}
	/** What it is doing now, with where that is known from. */
	| {readonly kind: 'status'; readonly status: AgentStatus}
	/** It took the prompt: proof that what was delivered was submitted. */
	| {readonly kind: 'accepted'}
	/** What it used since the last such report; with `isTotal`, since its conversation began. */
	| {readonly kind: 'usage'; readonly usage: Partial<Usage>; readonly isTotal?: boolean}
	/** It called a tool. `digest` names call and arguments: the same call has the same digest. */
	| {readonly kind: 'tool'; readonly tool: string; readonly summary: string; readonly digest: string}
	/** Its provider refused to go on (429, usage limit); `untilMs` when it said until when. */
	| {readonly kind: 'limited'; readonly sentence: string; readonly untilMs?: number}
	/** It lives, and says which run it believes to work on. */
	| {readonly kind: 'heartbeat'; readonly runId: string; readonly generation: number};
