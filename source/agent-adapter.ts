import type {AgentProfile} from '../state/agent/agent-profile.js';
import type {AgentReport} from '../state/agent/agent-report.js';
import type {EscalationPayload} from '../state/escalation/escalation.js';
import type {Json} from '../state/json.js';

/** What to start for one run. `file` is looked up on the agent's PATH when it is not absolute. */
export type LaunchPlan = {
	readonly file: string;
	readonly args: readonly string[];
	/** Added to the allow-listed environment. */
	readonly env: Readonly<Record<string, string>>;
	/** Files to write into the attempt's own folder before the start, by name; mode 0600. Nothing of the user's own configuration changes. */
	readonly files?: Readonly<Record<string, string>>;
	/** The agent's id of the conversation, where we choose it. */
	readonly threadId?: string;
	/** Typed and submitted once the agent is up, where the prompt cannot be an argument. */
	readonly typed?: string;
};

export type LaunchContext = {
	readonly profile: AgentProfile;
	/** The prompt or command line; empty for an interactive start. */
	readonly text: string;
	/** The operator's own environment, to read from; nothing of it reaches the agent unless the plan names it. */
	readonly env: NodeJS.ProcessEnv;
	/** Absolute path of the folder the agent works in. */
	readonly cwd: string;
	/** Absolute path of the attempt's own folder: mode 0700, gone once the attempt is over. */
	readonly folder: string;
	/** The conversation to resume, when the session has one. */
	readonly threadId?: string;
	/** Argv of a program that takes a hook call on stdin and prints the answer; needs nothing from its environment. */
	readonly hookCommand: readonly string[];
	/** A fresh UUID. */
	readonly newUuid: () => string;
};

/** Something an agent asks a person through its own channel. Everything in it is untrusted. */
export type AgentRequest = {
	/** The agent's own name of the request, for answering it and for noticing that it was answered elsewhere. */
	readonly requestId: string;
	readonly kind: 'approval' | 'question' | 'permission';
	readonly text: string;
	readonly payload?: EscalationPayload;
};

/** What came of a request. Only `approve` lets anything happen; all else leaves it to the agent's own dialog or denies. */
export type AgentAnswer =
	| {readonly choice: 'approve'; readonly text?: string}
	| {readonly choice: 'deny'; readonly text?: string}
	| {readonly choice: 'answer'; readonly text: string}
	/** Nobody answered in time: told as that, never as a denial by a person. */
	| {readonly choice: 'expired'; readonly text: string}
	| {readonly choice: 'withdrawn'; readonly text: string};

/** What one hook call told. */
export type HookCall = {
	readonly reports: readonly AgentReport[];
	/** The agent is held until this is answered. */
	readonly request?: AgentRequest;
	/** Requests that were answered elsewhere, such as on the agent's own screen: by their id, or all of this tool. */
	readonly closes?: {readonly requestIds?: readonly string[]; readonly tool?: string; readonly why: string};
	/** What the hook prints when it asks nothing. */
	readonly output?: Json;
};

/** How an agent's hooks are read and answered; pure. */
export type AgentHooks = {
	/** Throws nothing: an event it does not know tells nothing. */
	read(event: Json): HookCall;
	/** What the hook prints so that the agent does as was decided. */
	reply(event: Json, answer: AgentAnswer): Json;
};

/** What a live channel tells. */
export type ChannelEvent =
	| {readonly type: 'report'; readonly report: AgentReport}
	| {readonly type: 'request'; readonly request: AgentRequest}
	| {readonly type: 'request-closed'; readonly requestId: string; readonly why: string}
	/** After a connection: all that it waits for now. What else it once asked was answered elsewhere meanwhile. */
	| {readonly type: 'requests'; readonly requestIds: readonly string[]};

/** A connection to a running agent's own protocol, kept by the coordinator. It reconnects by itself until it is closed. */
export type AgentChannel = {
	/** Answers a request; `gone` when the agent no longer waits for it. */
	answer(requestId: string, answer: AgentAnswer): Promise<'taken' | 'gone'>;
	/** Interrupts the agent's turn, where the protocol can. */
	interrupt?(): Promise<void>;
	close(): void;
};

export type ChannelContext = {
	readonly profile: AgentProfile;
	readonly env: NodeJS.ProcessEnv;
	readonly cwd: string;
	/** The attempt's own folder, with what the plan wrote there. */
	readonly folder: string;
	readonly threadId?: string;
	/** Must not throw. */
	readonly emit: (event: ChannelEvent) => void;
	readonly log: (sentence: string, cause?: unknown) => void;
};

/** How one kind of agent is started, heard and answered. One file per agent CLI. */
export type AgentAdapter = {
	readonly name: string;
	/** The program it is detected by; absent for agents that are always there. */
	readonly program?: string;
	/** What it is called in lists. */
	readonly title?: string;
	/** Whose models it uses unless its profile says otherwise. */
	readonly provider?: string;
	/** Names of variables of the operator's environment that this agent needs, such as its API key; a final `*` matches any ending. */
	readonly passedEnv: readonly string[];
	/** Whether it tells (by hook, channel or screen) that it took its prompt. */
	readonly provesAcceptance?: boolean;
	/** Whether its channel does not tell that a request was refused on its own screen: the screen tells it then. */
	readonly refusesSilently?: boolean;
	/** Bytes that interrupt its turn when typed; Escape unless told otherwise. */
	readonly interruptKeys?: string;
	/** Argv and side files for the run; a pure function of its context. */
	plan(context: LaunchContext): LaunchPlan;
	readonly hooks?: AgentHooks;
	openChannel?(context: ChannelContext): AgentChannel;
};
