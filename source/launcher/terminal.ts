import type {Activity, AttachEvents, Attachment, KeyOrder, KeyPress, PtyExit, PtyInfo, SpawnRequest} from '../launcher-port.js';
import {ptyIdOf} from '../launcher-port.js';
import type {Log} from '../log.js';
import {type AgentRules, type AgentWatch, watchAgent} from './agent-watch.js';
import {createAudience} from './audience.js';
import {clampedSize, openPty, type PtyEnd} from './open-pty.js';
import {createKeyPresser} from './press-keys.js';
import {type Root, rootOf} from './process-tree.js';
import {openRecording} from './recording.js';
import {createScreen, type Screen} from './screen.js';
import {createThrottle} from './throttle.js';
import {createLineTyper} from './type-line.js';

/** One attempt's pty with everything around it: its screen, its recording, who watches it and who is attached. */
export type Terminal = {
	readonly info: PtyInfo;
	readonly root: Root;
	readonly screen: Screen;
	/** False from the moment the process has gone. */
	readonly isLive: boolean;
	/** Attaches an operator; the pty takes their size. */
	attach(size: {readonly columns: number; readonly rows: number}, events: AttachEvents): Attachment;
	/** Types a line and submits it. Resolves when written. */
	typeLine(text: string): Promise<void>;
	/** Answers the prompt on the screen, if it is the one that was meant. */
	pressKeys(order: KeyOrder): Promise<KeyPress>;
	/** Somebody watches the screen until the returned function is called. */
	look(): () => void;
	/** Frees the screen. Only for one that has ended. */
	dispose(): void;
};

export type TerminalOptions = {
	readonly request: SpawnRequest;
	readonly now: () => number;
	readonly onActivity: (activity: Activity) => void;
	/** Comes once, after all output of the process has been read, recorded and parsed. */
	readonly onEnd: (exit: PtyExit) => void;
	/** How this agent's screen is read. */
	readonly rules: AgentRules;
	readonly log: Log;
};

const activityIntervalMs = 500;

/** As a shell tells it: the status, or 128 and the signal. */
const statusOf = ({exitCode, signal}: PtyEnd): number => exitCode ?? 128 + (signal ?? 0);

/** Counts what a pty says, and tells it at most twice a second. */
const createMeter = ({
	ptyId,
	screen,
	watch,
	now,
	onActivity,
}: Pick<TerminalOptions, 'now' | 'onActivity'> & {ptyId: string; screen: Screen; watch: AgentWatch}) => {
	let outputBytes = 0;
	let lastOutputAtMs = now();
	const action = () => {
		const {status, prompt} = watch;
		const told = {...(status && {status}), ...(prompt && {prompt})};
		onActivity({ptyId, outputBytes, lastOutputAtMs, title: screen.title, bells: screen.bells, ...told});
	};

	const telling = createThrottle({intervalMs: activityIntervalMs, action});
	return {
		took(bytes: number) {
			outputBytes += bytes;
			lastOutputAtMs = now();
			telling.poke();
		},
		/** Something else is worth telling. */
		poke: telling.poke,
		/** Tells the last word, and how much there was in all. */
		end() {
			telling.cancel();
			action();
			return outputBytes;
		},
	};
};

/** Starts an agent on a pty of its own. Throws an `ExpectedError` when the system has no pty left. */
export const createTerminal = ({request, now, onActivity, onEnd, rules, log}: TerminalOptions): Terminal => {
	const {runId, generation, sessionId, title, recordingPath} = request;
	const ptyId = ptyIdOf(request);
	const startedAtMs = now();
	let size = clampedSize(request.columns, request.rows);
	let isLive = true;
	let exit: PtyExit | undefined;

	// Output and exit come in later turns of the event loop: what they use is there by then.
	const pty = openPty({...request, onOutput: chunk => take(chunk), onExit: end => void finish(end)});
	const root = rootOf(pty.pid);
	const watch = watchAgent({screen: () => screen, rules, now, onChange: () => meter.poke()});
	const screen = createScreen({...size, reply: bytes => pty.write(Buffer.from(bytes)), onOsc: watch.osc});
	const recording = openRecording({path: recordingPath, ...size, title, startedAtMs, screen});
	const meter = createMeter({ptyId, screen, watch, now, onActivity});

	const resize = (next: {columns: number; rows: number}): boolean => {
		const {columns, rows} = clampedSize(next.columns, next.rows);
		if (columns === size.columns && rows === size.rows) {
			return false;
		}

		size = {columns, rows};
		pty.resize(columns, rows);
		screen.resize(columns, rows);
		recording.resize(columns, rows);
		return true;
	};

	const audience = createAudience({pty, screen, resize});

	const take = (chunk: Buffer) => {
		audience.push(chunk);
		recording.output(chunk);
		screen.write(chunk);
		meter.took(chunk.length);
	};

	const finish = async (end: PtyEnd) => {
		isLive = false;
		audience.end();
		recording.exit(statusOf(end));
		await Promise.all([recording.close(), screen.parsed()]).catch((error: unknown) => log(`Could not end ${ptyId} cleanly.`, error));
		if (recording.failure) {
			log(`The recording ${recordingPath} is not whole.`, recording.failure);
		}

		watch.exited(end.signal === null ? `it exited with ${end.exitCode}` : `signal ${end.signal} ended it`);
		exit = {...end, outputBytes: meter.end()};
		onEnd(exit);
	};

	return {
		get info() {
			return {runId, generation, ptyId, sessionId, pid: pty.pid, startedAtMs, ...size, ...(exit && {exit})};
		},
		root,
		screen,
		get isLive() {
			return isLive;
		},
		attach: audience.attach,
		typeLine: createLineTyper({pty, screen}),
		pressKeys: createKeyPresser({pty, screen, rules, readPrompt: watch.readPrompt, isLive: () => isLive}),
		look: audience.look,
		dispose() {
			watch.end();
			screen.dispose();
		},
	};
};
