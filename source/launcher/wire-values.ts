import {agentActivities, type BlockedKind, type StatusReport, statusSources} from '../../state/agent/agent-status.js';
import type {
	Activity,
	KeyPress,
	Prompt,
	PtyInfo,
	Report,
	ScreenFrame,
	SpawnRequest,
	StopProof,
	Viewport,
	WatchTarget,
} from '../launcher-port.js';
import {anyOf, byType, count, duration, listOf, MalformedError, orNull, type Parser, shape, text, texts, truth} from './wire-parser.js';

const attempt = {runId: text, generation: count};
const size = {columns: count, rows: count};
const exit = {exitCode: orNull(count), signal: orNull(count), outputBytes: count};

export const parseViewport: Parser<Viewport> = shape({...size, back: count});

export const parseTarget: Parser<WatchTarget> = shape({ptyId: text, recordingPath: text});

export const parseProof: Parser<StopProof> = shape({processes: count, survivors: count, killed: truth});

export const parseSpawnRequest: Parser<SpawnRequest> = shape(
	{
		...attempt,
		...size,
		sessionId: text,
		file: text,
		args: listOf(text),
		cwd: text,
		env: texts,
		title: text,
		recordingPath: text,
	},
	{adapter: text},
);

const reported = {...attempt, id: text, atMs: duration};

export const parseReport: Parser<Report> = byType({
	started: shape({...reported, pid: count}),
	'spawn-failed': shape({...reported, sentence: text}),
	exited: shape({...reported, ...exit}, {proof: parseProof}),
});

const kinds: readonly BlockedKind[] = ['permission', 'question', 'auth'];

const parseStatus: Parser<StatusReport> = shape(
	{activity: anyOf(...agentActivities), source: anyOf(...statusSources), confidence: duration, evidence: text, atMs: duration},
	{kind: anyOf(...kinds)},
);

const parsePrompt: Parser<Prompt> = shape({fingerprint: text, text, rule: text});

export const parseActivity: Parser<Activity> = shape(
	{ptyId: text, outputBytes: count, lastOutputAtMs: duration, title: text, bells: count},
	{status: parseStatus, prompt: parsePrompt},
);

export const parseKeyPress: Parser<KeyPress> = shape({pressed: truth}, {left: truth, why: text});

export const parsePtyInfo: Parser<PtyInfo> = shape(
	{...attempt, ...size, ptyId: text, sessionId: text, pid: count, startedAtMs: duration},
	{exit: shape(exit)},
);

const parseRow: Parser<readonly [number, string]> = value => {
	if (!Array.isArray(value)) {
		throw new MalformedError('expected a row');
	}

	return [count(value[0]), text(value[1])];
};

const parseCells = shape({full: truth, rows: listOf(parseRow), back: count, historyLines: count}, {cursor: shape({x: count, y: count})});

export const parseFrame: Parser<ScreenFrame> = value => {
	const frame = parseCells(value);
	return {...frame, cursor: frame.cursor};
};

export const parseRange = anyOf('screen', 'all');
