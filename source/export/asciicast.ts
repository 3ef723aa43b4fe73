import type {Attempt, Run} from '../../state/run/run.js';
import {visible} from '../../state/view/visible.js';
import {ExpectedError} from '../errors.js';
import {ptyIdOf} from '../launcher-port.js';
import type {Redact} from './redact.js';
import type {ExportSources, RecordedEvent} from './sources.js';
import type {Transcript} from './transcript.js';

type Options = Pick<ExportSources, 'recordingEvents'> & {readonly redact: Redact; readonly redactScreen: Redact};

type Part = {readonly label: string; readonly run: Run; readonly attempt: Attempt};

const partsOf = ({sessions}: Transcript): readonly Part[] =>
	sessions.flatMap(({session, runs}) => runs.flatMap(({run}) => run.attempts.map(attempt => ({label: session.label, run, attempt}))));

/** Between two recordings, however long the real pause was. */
const joinMs = 1000;

/** Players shorten longer silences to this. */
const idleTimeLimitSeconds = 2;

/** Clears a terminal of whatever the recording before left on it. */
const fullReset = '\u001Bc';

const sizeOf = (data: string): {readonly cols: number; readonly rows: number} | undefined => {
	const [, cols, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(data) ?? [];
	return cols === undefined || rows === undefined ? undefined : {cols: Number(cols), rows: Number(rows)};
};

/** Places events on one time line and writes each with its distance from the last, in whole microseconds so that no error adds up. */
const createTimeline = () => {
	let startUs = 0;
	let lastUs = 0;
	return {
		/** What follows is counted from here on. */
		join(pauseMs: number): void {
			startUs = lastUs + pauseMs * 1000;
		},
		line(atMs: number, code: string, data: string): string {
			const atUs = Math.max(lastUs, startUs + Math.round(atMs * 1000));
			const interval = (atUs - lastUs) / 1_000_000;
			lastUs = atUs;
			return `${JSON.stringify([interval, code, data])}\n`;
		},
	};
};

const markerOf = ({label, run, attempt}: Part, redact: Redact): string =>
	visible(redact(`${label} · ${run.id} attempt ${attempt.generation} · ${run.text.split('\n')[0]!.slice(0, 60)}`));

/** What of an event goes into the export. Typed input stays out: it holds what the terminal did not show, such as passwords. */
const kept = ({code, data}: RecordedEvent, redactScreen: Redact): readonly [code: string, data: string] | undefined => {
	switch (code) {
		case 'o': {
			return [code, redactScreen(data)];
		}

		case 'r': {
			return sizeOf(data) && [code, data];
		}

		case 'm': {
			return [code, visible(redactScreen(data))];
		}

		case 'x': {
			return ['m', `exited with ${visible(data)}`];
		}

		default: {
			return undefined;
		}
	}
};

const headerLine = (transcript: Transcript, {attempt}: Part, first: RecordedEvent, redact: Redact): string => {
	const {cols, rows} = (first.code === 'r' ? sizeOf(first.data) : undefined) ?? {cols: 80, rows: 24};
	const header = {
		version: 3,
		term: {cols, rows, type: 'xterm-256color'},
		timestamp: Math.floor((attempt.startedAtMs ?? attempt.claimedAtMs) / 1000),
		idle_time_limit: idleTimeLimitSeconds,
		title: visible(redact(transcript.sessions[0]!.session.label)),
	};
	return `${JSON.stringify(header)}\n`;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const nothingRecorded = ({sessions}: Transcript, cause: unknown): ExpectedError =>
	new ExpectedError(`Could not export ${sessions[0]!.session.id} as a recording: nothing of it was recorded.`, {
		hint: 'Export it as md, txt or jsonl: they hold what was said and decided.',
		cause,
	});

/**
 * One asciicast v3 recording of all attempts in order, each after a marker that names it. The screen is cleared between them, pauses
 * between them are a second. Throws an `ExpectedError` when nothing was recorded.
 */
export async function* castChunks(transcript: Transcript, {recordingEvents, redact, redactScreen}: Options): AsyncGenerator<string> {
	const timeline = createTimeline();
	let hasHeader = false;
	let failure: unknown;
	for (const part of partsOf(transcript)) {
		let isFirst = true;
		try {
			for await (const event of recordingEvents(ptyIdOf({runId: part.run.id, generation: part.attempt.generation}))) {
				if (isFirst) {
					timeline.join(hasHeader ? joinMs : 0);
					yield hasHeader ? timeline.line(0, 'o', fullReset) : headerLine(transcript, part, event, redact);
					yield timeline.line(0, 'm', markerOf(part, redact));
				}

				isFirst = false;
				hasHeader = true;
				const shown = kept(event, redactScreen);
				yield shown ? timeline.line(event.atMs, ...shown) : '';
			}
		} catch (error) {
			// A recording that is missing or cut short is no reason to withhold the others, nor to pass over it in silence.
			failure = error;
			yield hasHeader ? timeline.line(0, 'm', `${markerOf(part, redact)} · could not be read: ${visible(messageOf(error))}`) : '';
		}
	}

	if (!hasHeader) {
		throw nothingRecorded(transcript, failure);
	}
}
