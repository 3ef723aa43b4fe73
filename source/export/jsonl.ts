import type {Escalation} from '../../state/escalation/escalation.js';
import type {Attempt, Run} from '../../state/run/run.js';
import type {TypedMessage} from '../../state/session/message.js';
import {ptyIdOf} from '../launcher-port.js';
import type {ExportRecord} from './export-record.js';
import {isoMoment} from './moments.js';
import type {Redact} from './redact.js';
import {type ExportSources, readOutput} from './sources.js';
import type {SessionTranscript, Transcript} from './transcript.js';

const sessionRecord = ({session, state, path}: SessionTranscript): ExportRecord => ({
	type: 'session',
	id: session.id,
	...(session.parentId !== undefined && {parent_id: session.parentId}),
	...(session.parentRunId !== undefined && {parent_run_id: session.parentRunId}),
	root_id: session.rootId,
	depth: session.depth,
	path,
	agent: session.agent,
	label: session.label,
	cwd: session.cwd,
	state,
	created_at: isoMoment(session.createdAtMs),
});

const runRecord = (run: Run): ExportRecord => ({
	type: 'run',
	id: run.id,
	session_id: run.sessionId,
	prompt: run.text,
	lane: run.lane,
	by: run.by,
	state: run.state,
	queued_at: isoMoment(run.queuedAtMs),
	since: isoMoment(run.sinceMs),
	generation: run.generation,
	...(run.ending !== undefined && {ending: run.ending}),
});

const attemptRecord = (run: Run, attempt: Attempt, whyNoOutput: string | undefined): ExportRecord => ({
	type: 'attempt',
	id: ptyIdOf({runId: run.id, generation: attempt.generation}),
	run_id: run.id,
	session_id: run.sessionId,
	generation: attempt.generation,
	launcher_id: attempt.launcherId,
	claimed_at: isoMoment(attempt.claimedAtMs),
	...(attempt.startedAtMs !== undefined && {started_at: isoMoment(attempt.startedAtMs)}),
	...(attempt.pid !== undefined && {pid: attempt.pid}),
	...(attempt.endedAtMs !== undefined && {ended_at: isoMoment(attempt.endedAtMs)}),
	...(attempt.exitCode !== undefined && {exit_code: attempt.exitCode}),
	...(attempt.signal !== undefined && {signal: attempt.signal}),
	...(attempt.proof && {proof: attempt.proof}),
	...(attempt.sentence !== undefined && {sentence: attempt.sentence}),
	...(whyNoOutput !== undefined && {no_output: whyNoOutput}),
});

const messageRecord = ({sessionId, runId, text, by, atMs}: TypedMessage): ExportRecord => ({
	type: 'message',
	run_id: runId,
	session_id: sessionId,
	text,
	by,
	at: isoMoment(atMs),
});

const escalationRecord = (escalation: Escalation): ExportRecord => {
	const {decision, closed, shown, deliveredAtMs, raisedAtMs} = escalation;
	const doneAtMs = decision?.atMs ?? closed?.atMs;
	return {
		type: 'escalation',
		id: escalation.id,
		run_id: escalation.runId,
		session_id: escalation.sessionId,
		generation: escalation.generation,
		kind: escalation.kind,
		text: escalation.text,
		...(escalation.payload && {payload: escalation.payload}),
		blocking: escalation.blocking,
		fingerprint: escalation.fingerprint,
		state: escalation.state,
		raised_at: isoMoment(raisedAtMs),
		expires_at: isoMoment(escalation.expiresAtMs),
		...(shown && {shown_at: isoMoment(shown.atMs)}),
		...(decision && {
			choice: decision.choice,
			...(decision.text !== undefined && {answer: decision.text}),
			by: decision.by,
			decided_at: isoMoment(decision.atMs),
		}),
		...(closed && {closed_at: isoMoment(closed.atMs), why: closed.why}),
		...(doneAtMs !== undefined && {waited_ms: doneAtMs - raisedAtMs}),
		...(deliveredAtMs !== undefined && {delivered_at: isoMoment(deliveredAtMs)}),
	};
};

/** Characters that JSON may hold as they are but a terminal should not: spelt `\u202e` they mean the same to every reader of JSON. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;

const spelt = (character: string): string =>
	Array.from({length: character.length}, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** Secrets are taken out of values before they are quoted: quoting would hide the ends of their lines. */
const jsonLine = (record: ExportRecord, redact: Redact): string => {
	const quoted = JSON.stringify(record, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value));
	return `${quoted.replaceAll(unseen, spelt)}\n`;
};

/** An export for programs: `ExportRecord`s, one JSON object a line. */
export async function* jsonlChunks(
	{sessions, takenAtMs, isTree}: Transcript,
	{redact, ...sources}: Pick<ExportSources, 'outputText'> & {readonly redact: Redact},
): AsyncGenerator<string> {
	const line = (record: ExportRecord) => jsonLine(record, redact);
	yield line({type: 'export', schema: 1, session_id: sessions[0]!.session.id, tree: isTree, at: isoMoment(takenAtMs)});
	for (const one of sessions) {
		yield line(sessionRecord(one));
		for (const {run, messages, escalations} of one.runs) {
			yield line(runRecord(run));
			yield [...messages.map(messageRecord), ...escalations.map(escalationRecord)].map(line).join('');
			for (const attempt of run.attempts) {
				const id = ptyIdOf({runId: run.id, generation: attempt.generation});
				const output = await readOutput(sources, id);
				yield line(attemptRecord(run, attempt, output.lines ? undefined : output.why));
				// Redacted as a whole, for a key may span lines.
				const lines = output.lines ? redact(output.lines.join('\n')).split('\n') : [];
				yield lines.map((text, at) => line({type: 'output', attempt_id: id, line: at + 1, text})).join('');
			}
		}
	}
}
