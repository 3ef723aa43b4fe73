/**
 * What the console, the gateway and the orchestrator may ask of the process that owns the ptys.
 *
 * Two implementations keep this promise: the client of a launcher process (`source/launcher/client.ts`, WebSocket over a unix
 * socket) and the launcher itself inside this process (`--embedded`). Nobody can tell them apart but by what outlives the console.
 */

import type {StatusReport} from '../state/agent/agent-status.js';

/** Names one start of one run. A request or report with an older generation is refused. */
export type AttemptKey = {readonly runId: string; readonly generation: number};

/** The name of the pty of one attempt; also the name of its recording. */
export const ptyIdOf = ({runId, generation}: AttemptKey): string => `${runId}.${generation}`;

/** Everything needed to start one agent. `file` is absolute and executable; `env` is the whole environment, nothing is inherited. */
export type SpawnRequest = AttemptKey & {
	readonly sessionId: string;
	readonly file: string;
	readonly args: readonly string[];
	/** An absolute path of an existing folder. */
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly columns: number;
	readonly rows: number;
	/** Shown in the recording's header; never interpreted. */
	readonly title: string;
	/** Absolute path of the asciicast v3 file of this attempt. */
	readonly recordingPath: string;
	/** Name of the agent's adapter (`claude`, `codex` …): chooses the rules by which its title and screen are read. */
	readonly adapter?: string;
};

/** What a stop left behind: how many processes the tree had, how many are still there, and whether SIGKILL was needed. */
export type StopProof = {readonly processes: number; readonly survivors: number; readonly killed: boolean};

export type PtyExit = {
	/** The exit status, or `null` when a signal ended the process. */
	readonly exitCode: number | null;
	/** The signal's number, or `null` when the process exited by itself. */
	readonly signal: number | null;
	/** Bytes of output read in all. */
	readonly outputBytes: number;
};

/** Told at least once, in order, again after every reconnect until acknowledged; `id` names the report for `acknowledge`. */
export type Report = AttemptKey & {readonly id: string; readonly atMs: number} & (
		| {readonly type: 'started'; readonly pid: number}
		| {readonly type: 'spawn-failed'; readonly sentence: string}
		| ({readonly type: 'exited'; readonly proof?: StopProof} & PtyExit)
	);

/** A question that stands on a screen now, as the rule found it. */
export type Prompt = {
	/** SHA-256 of `text`: names what was seen. */
	readonly fingerprint: string;
	/** The lines that ask, as they stand on the screen: untrusted text. */
	readonly text: string;
	/** The rule that found it. */
	readonly rule: string;
};

/** Which keys to press, by the names the rule has for them: `approve`, `deny`, or another. */
export type KeyOrder = {readonly fingerprint: string; readonly keys: string};

/**
 * What became of keys. Not `pressed`: nothing was written, and `why` says why. `pressed` but not `left`: the keys were written and
 * the prompt was not seen to leave, so nobody may claim that it was answered.
 */
export type KeyPress = {readonly pressed: boolean; readonly left?: boolean; readonly why?: string};

/** A hint that may be lost: what a pty did lately. At most twice a second per pty. */
export type Activity = {
	readonly ptyId: string;
	readonly outputBytes: number;
	readonly lastOutputAtMs: number;
	/** The window title the agent set (OSC 0/2): untrusted text. */
	readonly title: string;
	/** Bells rung so far. */
	readonly bells: number;
	/** What the agent is doing, as far as its output tells; missing when it tells nothing. */
	readonly status?: StatusReport;
	/** The question on its screen; missing when there is none. */
	readonly prompt?: Prompt;
};

export type PtyInfo = AttemptKey & {
	readonly ptyId: string;
	readonly sessionId: string;
	readonly pid: number;
	readonly startedAtMs: number;
	readonly columns: number;
	readonly rows: number;
	/** Set once the process is gone; its screen stays until it is forgotten. */
	readonly exit?: PtyExit;
};

/** The part of a screen a watcher has room for. `back` counts lines scrolled back into history; 0 follows the live screen. */
export type Viewport = {readonly columns: number; readonly rows: number; readonly back: number};

/**
 * A picture of a watched screen, cropped to the viewport: at most 30 a second, the latest wins.
 * Each row is exactly `columns` wide, painted with SGR sequences only and reset at its end.
 */
export type ScreenFrame = {
	/** True when `rows` holds every row of the viewport; otherwise only the changed ones. */
	readonly full: boolean;
	readonly rows: ReadonlyArray<readonly [y: number, ansi: string]>;
	/** Where the agent's cursor stands inside the viewport, if it is visible there. */
	readonly cursor: {readonly x: number; readonly y: number} | undefined;
	/** How far back the viewport really is, after clamping. */
	readonly back: number;
	readonly historyLines: number;
};

/** A screen that is gone from the launcher's memory is drawn again from its recording. */
export type WatchTarget = {readonly ptyId: string; readonly recordingPath: string};

export type Watch = {
	setViewport(viewport: Viewport): void;
	close(): void;
};

/** What an attached viewer receives, in order. Neither ever holds a terminal query or an alternate-screen switch. */
export type AttachEvents = {
	/** Everything needed to draw the screen anew on a terminal in its reset state, and to bring the agent's modes into force. */
	onRepaint(bytes: Uint8Array): void;
	/** Bytes as the agent wrote them. */
	onOutput(bytes: Uint8Array): void;
	/** The process ended, or the launcher went away. Nothing follows. */
	onEnd(): void;
};

export type Attachment = {
	/** Keys for the agent, byte for byte. */
	input(bytes: Uint8Array): void;
	resize(columns: number, rows: number): void;
	/** Asks for a repaint: the viewer dropped output because its terminal lagged. */
	repaint(): void;
	close(): void;
};

/** How a one-shot text of a screen is read: the live screen alone, or with everything that scrolled off it. */
export type TextRange = 'screen' | 'all';

export type LauncherPort = {
	/** `lch_…`; the same as long as this launcher lives. */
	readonly launcherId: string;
	/**
	 * Starts an agent. Resolves when the launcher has taken the order (a `started` or `spawn-failed` report follows);
	 * the same attempt twice is taken once.
	 */
	spawn(request: SpawnRequest): Promise<void>;
	/**
	 * Ends the whole process tree: SIGTERM to the group and every descendant, SIGKILL after `graceMs`. Resolves with the proof
	 * once nothing is left or nothing more can be done. Also for a pty that already exited: what it left behind is swept.
	 */
	stop(ptyId: string, options: {readonly graceMs: number}): Promise<StopProof>;
	/** Types a line for the agent and submits it, as a bracketed paste where the agent asked for that. Resolves when written. */
	typeLine(ptyId: string, text: string): Promise<void>;
	/**
	 * Answers the prompt on a screen. The keys are written only if the prompt, read again in the same turn of the loop, still has the
	 * fingerprint; then waits a few seconds to see it leave. Rejects when there is no such live pty, or the launcher is too old to do this.
	 */
	pressKeys(ptyId: string, order: KeyOrder): Promise<KeyPress>;
	/** Draws `target` for a watcher until it is closed. Never throws; an unknown screen is drawn empty. */
	watch(target: WatchTarget, viewport: Viewport, onFrame: (frame: ScreenFrame) => void): Watch;
	/** Joins a live pty, which takes the viewer's size. Rejects when there is no such live pty. */
	attach(ptyId: string, size: {readonly columns: number; readonly rows: number}, events: AttachEvents): Promise<Attachment>;
	/** The screen as plain lines, without trailing blanks. Rejects when neither the screen nor the recording is there. */
	text(target: WatchTarget, range: TextRange): Promise<readonly string[]>;
	/** Every pty the launcher has, living and ended. */
	list(): Promise<readonly PtyInfo[]>;
	/** Frees the screen of an ended pty. */
	forget(ptyId: string): void;
	/** Hears every unacknowledged report from now on, older ones first. */
	onReport(listener: (report: Report) => void): () => void;
	acknowledge(reportIds: readonly string[]): void;
	onActivity(listener: (activity: Activity) => void): () => void;
	/** Hears when the launcher is reached again (`true`, after a fresh hello) or lost (`false`). */
	onConnection(listener: (connected: boolean) => void): () => void;
	/** Leaves. A launcher process goes on; an embedded one stops every agent first. */
	close(): Promise<void>;
};
