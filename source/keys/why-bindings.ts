import {correctableActivities, tellingLines, titleInEvidence} from '../../state/agent/screen-correction.js';
import {isLive, type Run} from '../../state/run/run.js';
import type {State} from '../../state/state.js';
import type {CorrectionForm, Overlay} from '../../state/view/overlay.js';
import {spokenRun} from '../../state/view/session-rows.js';
import {selectedId} from '../../state/view/view.js';
import {whyBody} from '../../state/view/why-lines.js';
import {type Act, type Binding, effects, type Focus, intends, refusal} from './binding.js';

const close = {type: 'close'} as const;

/** The run that the selected row speaks of. */
const selectedRun = ({state, view}: Focus): Run | undefined => {
	const id = selectedId(view) ?? '';
	const session = view.screen === 'sessions' ? state.sessions[id] : undefined;
	return session ? spokenRun(state, session) : state.runs[id];
};

const askWhy: Binding['action'] = focus => {
	const run = selectedRun(focus);
	return run
		? intends({type: 'open', overlay: {kind: 'why', runId: run.id, top: 0}})
		: refusal('It was never told to do anything: there is no run to explain.');
};

type Why = Extract<Overlay, {kind: 'why'}>;

const onWhy =
	(act: (run: Run, focus: Focus, overlay: Why) => Act): Binding['action'] =>
	focus => {
		const {overlay} = focus.view;
		const run = overlay?.kind === 'why' ? focus.state.runs[overlay.runId] : undefined;
		return run && overlay?.kind === 'why' ? act(run, focus, overlay) : refusal('That was closed already.');
	};

/** Columns beside the text: one of air on each side. */
export const whyMargin = 2;

const scroll = (by: (focus: Focus) => number): Binding['action'] =>
	onWhy((run, focus) => {
		const {length} = whyBody(focus.state, run, {columns: focus.columns - whyMargin, nowMs: focus.nowMs});
		return intends({type: 'step', by: by(focus), count: Math.max(0, length - focus.rows)});
	});

/** A screen rule is weaker than what the agent tells itself, so it would not be heard. */
const tellsItself: Readonly<Partial<Record<string, string>>> = {
	hook: 'Its own hook',
	protocol: 'Its own protocol',
	osc: 'Its own status report',
	process: 'Its process',
};

const adapterOf = ({agents, sessions}: State, {sessionId}: Run): string | undefined => agents[sessions[sessionId]!.agent]?.adapter;

const titleForm = (run: Run, adapter: string, title: string): CorrectionForm => ({
	kind: 'correct',
	runId: run.id,
	adapter,
	activity: 'working',
	from: 'title',
	lines: [{text: title, fromBottom: 0}],
	marked: [0],
	index: 0,
	screen: [title],
});

/** With fewer rows there is no room for the lines that would be matched. */
const leastRows = 6;
const tooSmall = refusal('The terminal is too small to show what would be written.');

const correct = onWhy((run, {state, rows}) => {
	const {status, generation} = run;
	const adapter = adapterOf(state, run);
	if (!isLive(run) || adapter === undefined) {
		return refusal('It has no live screen: there is no state to correct.');
	}

	if (rows < leastRows) {
		return tooSmall;
	}

	const teller = status && tellsItself[status.source];
	if (teller !== undefined) {
		return refusal(`${teller} says so (${status!.activity}); a rule about its screen would not be heard.`);
	}

	const title = status?.source === 'title' ? titleInEvidence(status.evidence) : undefined;
	return title === undefined
		? effects({type: 'read-screen', runId: run.id, generation})
		: intends({type: 'open', overlay: titleForm(run, adapter, title)});
});

/** The form in which the operator says what the agent of this run really does, from what its screen shows now. */
export const screenForm = (
	state: State,
	run: Run,
	{lines, screen}: Pick<CorrectionForm, 'lines' | 'screen'>,
): CorrectionForm | undefined => {
	const adapter = adapterOf(state, run);
	const activity = run.status?.activity === 'working' ? 'idle' : 'working';
	return adapter === undefined || lines.length === 0
		? undefined
		: {kind: 'correct', runId: run.id, adapter, activity, from: 'screen', lines, marked: tellingLines(lines), index: 0, screen};
};

const onForm =
	(act: (form: CorrectionForm, focus: Focus) => Act): Binding['action'] =>
	focus => {
		const {overlay} = focus.view;
		return overlay?.kind === 'correct' ? act(overlay, focus) : refusal('That was closed already.');
	};

const choose = (by: 1 | -1): Binding['action'] =>
	onForm(({activity}) => {
		const index = correctableActivities.indexOf(activity) + by;
		return intends({type: 'choose', choice: correctableActivities.at(index % correctableActivities.length)!});
	});

const step = (by: 1 | -1): Binding['action'] => onForm(({lines}) => intends({type: 'step', by, count: lines.length}));

const write = onForm(({adapter, activity, from, lines, marked, screen}, {rows}) => {
	if (rows < leastRows) {
		return tooSmall;
	}

	const correction = {adapter, activity, from, lines: marked.map(index => lines[index]!), screen};
	return marked.length === 0 ? refusal('Mark at least one line that says so.') : effects({type: 'correct-status', correction}, [close]);
});

const leave: Binding['action'] = () => intends(close);

/** From the correction back to what it corrects. */
const backToWhy = onForm(({runId}) => intends({type: 'open', overlay: {kind: 'why', runId, top: 0}}));

type Row = readonly [id: string, keys: readonly string[], title: string, help: string, action: Binding['action'], isHidden?: 'hidden'];

const inWhy: readonly Row[] = [
	['why.down', ['j', 'down'], 'Down', 'A line down', scroll(() => 1)],
	['why.correct', ['c'], 'Correct', 'Say what the agent really does: it becomes a rule', correct],
	['why.close', ['escape', 'w', 'q', 'ctrl+c'], 'Close', 'Back to the screen', leave],
	['why.up', ['k', 'up'], 'Up', 'A line up', scroll(() => -1), 'hidden'],
	['why.page-down', ['pagedown', 'space'], 'Page down', 'A page down', scroll(({rows}) => rows - 1), 'hidden'],
	['why.page-up', ['pageup'], 'Page up', 'A page up', scroll(({rows}) => 1 - rows), 'hidden'],
];

const inCorrection: readonly Row[] = [
	['correct.right', ['right', 'l'], 'Other state', 'Choose what it really does', choose(1)],
	['correct.mark', ['space'], 'Mark', 'Take the line, or leave it out', onForm(() => intends({type: 'mark'}))],
	['correct.write', ['enter'], 'Write', 'Write the rule and what the screen showed', write],
	['correct.cancel', ['escape', 'ctrl+c'], 'Back', 'Write nothing', backToWhy],
	['correct.left', ['left', 'h'], 'State before', 'Choose what it really does', choose(-1), 'hidden'],
	['correct.down', ['down', 'j'], 'Down', 'Select the next line', step(1), 'hidden'],
	['correct.up', ['up', 'k'], 'Up', 'Select the line before', step(-1), 'hidden'],
];

const changing = new Set(['why.correct', 'correct.write']);

const bindingsIn = (place: 'why' | 'correct', rows: readonly Row[]): readonly Binding[] =>
	rows.map(([id, keys, title, help, action, isHidden]) => ({
		id,
		keys,
		places: [place],
		title,
		help,
		action,
		...(isHidden === undefined && {footer: true}),
		...(changing.has(id) && {changes: true}),
	}));

/** Why a run is where it is, what its agent is believed to do, and how to correct that. */
export const whyBindings: readonly Binding[] = [
	{
		id: 'run.why',
		keys: ['w'],
		places: ['sessions', 'queue', 'dead-letters'],
		title: 'Why',
		help: 'Say why it is where it is, and what is believed of its agent',
		footer: true,
		action: askWhy,
	},
	...bindingsIn('why', inWhy),
	...bindingsIn('correct', inCorrection),
];
