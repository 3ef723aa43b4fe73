import {pathOf, type Session} from '../session/session.js';
import type {State} from '../state.js';
import {shortAge} from '../view/age.js';
import {outcomeOf} from '../view/escalation-rows.js';
import {type FrameLine, type FrameMarks, foreign, foreignName, levelTones, span} from '../view/frame-line.js';
import {suspicion} from '../view/visible.js';
import {planBytes} from './approval.js';
import type {Escalation} from './escalation.js';
import {whyNotGrant} from './grant.js';
import {normalPath} from './path-inside.js';
import {riskOf} from './risk.js';
import {programName, unwrapCommand} from './unwrap-command.js';

/** A fact about a request: a word for what it is, and lines that say it. */
export type FrameField = {readonly label: string; readonly lines: readonly FrameLine[]};

/** What the facts are told about. */
export type FactsContext = {
	readonly state: State;
	readonly escalation: Escalation;
	readonly session: Session | undefined;
	readonly nowMs: number;
	readonly marks: FrameMarks;
	readonly isNarrow: boolean;
};

const clockTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`;

const field = (label: string, ...lines: readonly FrameLine[]): FrameField => ({label, lines});

/** How grave it is: a symbol, a word, and the fact that makes it so. */
export const riskFields = ({escalation, session, marks}: FactsContext): readonly FrameField[] => {
	const risk = riskOf(escalation, session?.cwd ?? '/');
	if (!risk) {
		return [];
	}

	return [field('risk', [span(`${marks.level[risk.level]} ${risk.word}`, levelTones[risk.level]), span('  '), ...foreign(risk.because)])];
};

const deliveryWords = (state: State, {runId, generation, deliveredAtMs}: Escalation): string => {
	if (deliveredAtMs !== undefined) {
		return 'the agent took the answer';
	}

	const run = state.runs[runId];
	const isStillThere = run?.generation === generation && (run.state === 'running' || run.state === 'waiting');
	return isStillThere ? 'the agent has not taken the answer yet' : 'outcome unknown: the agent ended before it took the answer';
};

/** What became of it, for one that is closed. */
export const outcomeFields = ({state, escalation, nowMs}: FactsContext): readonly FrameField[] => {
	const {decision, closed} = escalation;
	const when = (atMs: number) => span(`${shortAge(nowMs - atMs)} ago, ${clockTime(atMs)}`);
	if (decision) {
		const said = decision.text === undefined ? [] : [[span('said '), ...foreignName(decision.text)]];
		return [
			field(outcomeOf(escalation), [span('by '), ...foreignName(decision.by, 'strong'), span(' '), when(decision.atMs)], ...said, [
				span(deliveryWords(state, escalation)),
			]),
		];
	}

	return closed ? [field(outcomeOf(escalation), [...foreign(closed.why), span(', '), when(closed.atMs)])] : [];
};

/** Who asks, since when, and until when. */
export const askerFields = ({state, escalation, session, nowMs, marks, isNarrow}: FactsContext): readonly FrameField[] => {
	const path = session ? pathOf(state, session) : [];
	const names = path.flatMap((one, index) => [
		...(index === 0 ? [] : [span(` ${marks.below} `, 'quiet')]),
		...foreignName(one.label, index === path.length - 1 ? 'strong' : 'plain'),
	]);
	const agent = session ? [span(' runs '), ...foreignName(session.agent)] : [];
	const {runId, generation, raisedAtMs, expiresAtMs, askerGone, state: at} = escalation;
	const asked = `${shortAge(nowMs - raisedAtMs)} ago`;
	const until = at === 'open' ? `expires in ${shortAge(expiresAtMs - nowMs)}` : clockTime(raisedAtMs);
	return [
		field('from', [...names, ...agent, span(`, attempt ${generation} of ${runId}`, 'quiet')]),
		// In a narrow frame each on a line of its own: time passing must never break a line elsewhere.
		field('asked', ...(isNarrow ? [[span(asked)], [span(until)]] : [[span(`${asked}, ${until}`)]])),
		...(askerGone && at === 'open' ? [field('!', [span('The asker is gone: the answer may reach nobody.', 'failed')])] : []),
	];
};

const oddLine = (what: string, text: string): readonly FrameLine[] => {
	const odd = suspicion(text);
	if (!odd) {
		return [];
	}

	const scripts = odd.scripts.length > 1 ? ` (letters of ${odd.scripts.join(', ')})` : '';
	return [[span(`${what} is not plain ASCII`, 'failed'), span(`${scripts}: `), span(odd.codePoints.join(' '), 'strong')]];
};

const programLine = (program: string, cwd: string): FrameLine => {
	const name = programName(program);
	if (!program.includes('/')) {
		return [...foreign(name), span(', wherever the PATH of the agent finds it')];
	}

	return foreign(program.startsWith('/') ? program : normalPath(`${cwd}/${program}`));
};

/** Names of what really runs, once wrappers are taken off; empty when that is only the program itself. */
const unwrappedLines = (argv: readonly string[]): readonly FrameLine[] => {
	const names = unwrapCommand(argv).commands.flatMap(command => command.argv.slice(0, 1));
	const isPlain = names.length === 1 && names[0] === argv[0];
	return isPlain || names.length === 0 ? [] : [[span('runs '), ...foreign([...new Set(names)].join(', '), 'strong')]];
};

const argumentLines = (argument: string): readonly FrameLine[] => {
	const parts = argument.split('\n');
	return parts.map((part, index) => [
		...(index === 0 ? [span("'", 'quiet')] : []),
		...foreign(part),
		index === parts.length - 1 ? span("'", 'quiet') : span('\\u{A}', 'selected'),
	]);
};

/** An argument and what its line had no room for: told apart by the mark, which the argument cannot write there. */
export type Listed = {readonly isMore: boolean; readonly line: FrameLine};

/** The command, one argument a line, quoted. */
export const listedArguments = (argv: readonly string[]): readonly Listed[] =>
	argv.flatMap(argument => argumentLines(argument).map((line, index) => ({isMore: index > 0, line})));

/** The folder it would run in. */
export const folderField = ({escalation, session}: FactsContext): FrameField => {
	const {cwd} = escalation.payload ?? {};
	const folder = cwd ?? session?.cwd ?? '/';
	const really = escalation.found?.cwd;
	const isElsewhere = cwd !== undefined && session !== undefined && normalPath(cwd) !== normalPath(session.cwd);
	return field(
		'folder',
		foreign(folder),
		...(really === undefined || normalPath(folder) === really ? [] : [[span('really ', 'failed'), ...foreign(really, 'strong')]]),
		...(isElsewhere ? [[span('the session’s own is ', 'quiet'), ...foreign(session.cwd)]] : []),
		...oddLine('The folder', folder),
	);
};

/** The program it names, and what that really runs. */
export const programField = ({escalation, session}: FactsContext): readonly FrameField[] => {
	const {argv, cwd} = escalation.payload ?? {};
	if (!argv || argv.length === 0) {
		return [];
	}

	const [program = ''] = argv;
	const executables = escalation.found?.executables ?? {};
	const resolved = Object.hasOwn(executables, program) ? executables[program] : undefined;
	return [
		field(
			'program',
			resolved === undefined ? programLine(program, cwd ?? session?.cwd ?? '/') : foreign(resolved),
			...unwrappedLines(argv),
			...oddLine('The command', argv.join(' ').replaceAll('\n', ' ')),
		),
	];
};

/** Where and with what it would run. */
export const placeFields = (context: FactsContext): readonly FrameField[] => {
	const {tool} = context.escalation.payload ?? {};
	return [...(tool === undefined ? [] : [field('tool', foreign(tool))]), folderField(context), ...programField(context)];
};

/** Files the command names, bound by their digests: one that changes makes another request. */
export const foundFields = ({escalation: {found}}: FactsContext): readonly FrameField[] => {
	const files = Object.entries(found?.files ?? {});
	return files.length === 0
		? []
		: [field('files', ...files.map(([path, digest]) => [...foreign(path), span(` ${digest.slice(0, 12)}`, 'quiet')]))];
};

/** Whether an approval may hold for longer than once, and what it would be bound to. */
export const rememberFields = ({state, escalation, session}: FactsContext): readonly FrameField[] => {
	if (escalation.state !== 'open' || (escalation.kind !== 'approval' && escalation.kind !== 'permission')) {
		return [];
	}

	const why = whyNotGrant(state, escalation);
	return [
		field(
			'again',
			why === undefined
				? [span('can be allowed for longer, for this very command in this folder, by '), ...foreignName(session?.agent ?? '')]
				: foreign(why, 'quiet'),
		),
	];
};

/** What identifies it, and how much there is to read. */
export const digestFields = ({escalation}: FactsContext): readonly FrameField[] => [
	field('digest', [...foreign(escalation.fingerprint.slice(0, 12), 'quiet'), span(`, ${planBytes(escalation)} bytes to read`, 'quiet')]),
];
