import {
	heldStatus,
	type StatusRecords,
	type StatusReport,
	type StatusSource,
	statusOf,
	withoutRecords,
	withRecord,
} from '../../state/agent/agent-status.js';
import type {FoundPrompt, ScreenReader, ScreenReading} from '../agents/screen-rules/reader.js';
import {sha256} from '../digest.js';
import type {Prompt} from '../launcher-port.js';
import {createProgramStatus} from './program-status.js';
import type {Screen} from './screen.js';
import {createThrottle} from './throttle.js';

/** What the output of one pty tells about its agent. */
export type AgentWatch = {
	/** The body of an OSC that came to its end. */
	osc(body: string): void;
	/** The process has gone; nothing else is believed any more. */
	exited(how: string): void;
	readonly status: StatusReport | undefined;
	readonly prompt: Prompt | undefined;
	/** The prompt as it stands on the screen at this very moment. */
	readPrompt(): FoundPrompt | undefined;
	/** Stops looking. */
	end(): void;
};

/** How the screen of one agent is read. */
export type AgentRules = {
	/** Undefined while or when there are no rules for it. */
	reader(): ScreenReader | undefined;
	/** Hears when there are other rules than before. */
	onChange(listener: () => void): () => void;
};

export type AgentWatchOptions = {
	/** Known later than the pty itself. */
	readonly screen: () => Screen;
	readonly rules: AgentRules;
	readonly now: () => number;
	/** Status or prompt changed. Must not throw. */
	readonly onChange: () => void;
};

/** A screen is read at most so often, however fast it changes. */
const lookIntervalMs = 500;

/** The name of a prompt: the same text has the same one. */
export const fingerprintOf = ({text}: FoundPrompt): string => sha256(text);

/** The rows that rules look at, down to the lowest that shows anything. */
const lowestLines = ({picture}: Screen, count: number): readonly string[] => {
	const end = picture.screenRow + picture.lowestFilledRow + 1;
	const from = Math.max(picture.screenRow, end - count);
	return Array.from({length: Math.max(0, end - from)}, (_, index) => picture.plain(from + index));
};

const readScreen = (screen: Screen, reader: ScreenReader): ScreenReading | undefined => reader.screen(lowestLines(screen, reader.region));

const promptOf = (found: FoundPrompt | undefined): Prompt | undefined =>
	found && {fingerprint: fingerprintOf(found), text: found.text, rule: found.rule.name};

/** What one source said last, and what holds of all. */
const createRecords = (now: () => number) => {
	let records: StatusRecords = {};
	return {
		say(report: StatusReport | undefined, source: StatusSource): void {
			records = report ? withRecord(records, statusOf(report)) : withoutRecords(records, source);
		},
		held(): StatusReport | undefined {
			const held = heldStatus(records, now());
			if (!held) {
				return undefined;
			}

			const {sinceMs: _, seenMs: atMs, ...rest} = held;
			return {...rest, atMs};
		},
	};
};

const titleReport = (reader: ScreenReader, title: string, atMs: number): StatusReport | undefined => {
	const rule = reader.title(title.trim());
	return (
		rule && {
			activity: rule.activity,
			...(rule.kind && {kind: rule.kind}),
			source: 'title',
			confidence: rule.confidence,
			evidence: `its title is ${JSON.stringify(title.trim())}`,
			atMs,
		}
	);
};

const screenReport = (reading: ScreenReading | undefined, atMs: number): StatusReport | undefined =>
	reading && {
		activity: reading.rule.activity,
		...(reading.rule.kind && {kind: reading.rule.kind}),
		source: 'screen',
		confidence: reading.rule.confidence,
		evidence: `its screen matches the rule "${reading.rule.name}"`,
		atMs,
	};

/** Says when something worth telling is not what it was. */
const createChange = (onChange: () => void) => {
	let last = '';
	return (status: StatusReport | undefined, prompt: Prompt | undefined): void => {
		const next = [status?.activity, status?.kind, status?.source, status?.evidence, prompt?.fingerprint, prompt?.rule].join('\n');
		if (next !== last) {
			last = next;
			onChange();
		}
	};
};

/** Listens to status reports at once, and looks at title and screen now and then. */
export const watchAgent = ({screen, rules, now, onChange}: AgentWatchOptions): AgentWatch => {
	const programs = createProgramStatus();
	const records = createRecords(now);
	const tellChange = createChange(onChange);
	let title = '';
	let prompt: Prompt | undefined;
	let stops: ReadonlyArray<() => void> = [];
	let hasExited = false;
	const tell = () => tellChange(records.held(), prompt);

	const lookAt = (reader: ScreenReader): ScreenReading | undefined => {
		const shown = screen();
		const nowMs = now();
		if (shown.title !== title) {
			title = shown.title;
			records.say(titleReport(reader, title, nowMs), 'title');
		}

		const reading = readScreen(shown, reader);
		records.say(screenReport(reading, nowMs), 'screen');
		prompt = promptOf(reading?.prompt);
		tell();
		return reading;
	};

	const look = () => {
		const reader = rules.reader();
		if (reader && !hasExited && !screen().picture.isDrawing) {
			lookAt(reader);
		}
	};

	const looking = createThrottle({intervalMs: lookIntervalMs, action: look});
	/** Other rules: what the former ones told is forgotten. */
	const lookAnew = () => {
		title = '';
		prompt = undefined;
		records.say(undefined, 'title');
		records.say(undefined, 'screen');
		looking.poke();
	};

	// The screen is there in the next turn of the loop.
	queueMicrotask(() => {
		stops = [screen().onParsed(looking.poke), rules.onChange(lookAnew)];
		rules.reader();
	});

	const end = () => {
		looking.cancel();
		for (const stop of stops) {
			stop();
		}
	};

	return {
		osc(body) {
			if (!hasExited && programs.take(body, now())) {
				records.say(programs.current, 'osc');
				tell();
			}
		},
		exited(how) {
			hasExited = true;
			prompt = undefined;
			records.say({activity: 'exited', source: 'process', confidence: 1, evidence: how, atMs: now()}, 'process');
			tell();
		},
		get status() {
			return records.held();
		},
		get prompt() {
			return prompt;
		},
		readPrompt() {
			const reader = rules.reader();
			screen().parseNow();
			if (!reader || hasExited) {
				return undefined;
			}

			const reading = screen().picture.isDrawing ? readScreen(screen(), reader) : lookAt(reader);
			return reading?.prompt;
		},
		end,
	};
};
