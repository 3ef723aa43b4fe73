import {activeRun, childrenOf, isBusy, lastRun, pathOf, type Session, subtree} from '../../state/session/session.js';
import type {State} from '../../state/state.js';
import {nextNeedingYou} from '../../state/view/fleet-counts.js';
import {newSessionForm} from '../../state/view/overlay.js';
import {fieldOf} from '../../state/view/text-field.js';
import {selectedId} from '../../state/view/view.js';
import {type Act, type Binding, effects, type Focus, intends, refusal, refusalOf, sends} from './binding.js';

/** The session under the cursor of the sessions screen. */
export const selectedSession = ({state, view}: Focus): Session | undefined => state.sessions[selectedId(view, 'sessions') ?? ''];

const withSession =
	(act: (session: Session, focus: Focus) => Act): Binding['action'] =>
	focus => {
		const session = selectedSession(focus);
		return session ? act(session, focus) : refusal('There is no session here yet: n starts one.');
	};

const attach = withSession((session, {state}) => {
	const run = activeRun(state, session);
	if (!run) {
		return refusal(`${session.label} has no live terminal: i sends it a line, which starts it.`);
	}

	return run.state === 'starting'
		? refusal(`${session.label} is just starting.`)
		: effects({type: 'attach', runId: run.id, generation: run.generation});
});

const prompt = withSession((session, focus) => {
	const refused = refusalOf(focus, {type: 'message.send', sessionId: session.id, text: 'x'});
	const active = activeRun(focus.state, session);
	const input = fieldOf(focus.view.drafts[session.id] ?? '');
	return refused !== undefined && !active
		? refusal(refused)
		: intends({type: 'open', overlay: {kind: 'prompt', sessionId: session.id, input}});
});

/** A session and what is above it: `planner / tester`. */
export const pathName = (state: State, session: Session): string =>
	pathOf(state, session)
		.map(({label}) => label)
		.join(' / ');

const rerun = withSession((session, {state}) => {
	const run = lastRun(state, session);
	return run
		? sends({type: 'run.rerun', runId: run.id}, {done: `${session.label} is told the same again.`})
		: refusal(`${session.label} was never told to do anything.`);
});

const stop = withSession((session, focus) => {
	const {state} = focus;
	const command = {type: 'session.stop', sessionId: session.id, tree: true} as const;
	const refused = refusalOf(focus, command);
	if (refused !== undefined) {
		return refusal(refused);
	}

	const affected = subtree(state, session.id)
		.filter(one => isBusy(state, one))
		.map(one =>
			pathOf(state, one)
				.map(({label}) => label)
				.join(' / '),
		);
	return intends({
		type: 'open',
		overlay: {
			kind: 'confirm',
			title: affected.length === 1 ? 'Stop this session?' : `Stop these ${affected.length} sessions?`,
			affected,
			verb: 'stop',
			does: {type: 'send', command, done: `${session.label} is told to stop.`},
		},
	});
});

const exportSession = withSession(session => intends({type: 'open', overlay: {kind: 'export', sessionId: session.id, format: 'markdown'}}));

const fold = withSession((session, {state}) =>
	childrenOf(state, session.id).length === 0
		? refusal(`${session.label} has no children to fold away.`)
		: intends({type: 'fold', sessionId: session.id}),
);

/** The intent that shows a session, whatever is folded above it. */
export const revealSession = ({state}: Pick<Focus, 'state'>, sessionId: string): Act => {
	const session = state.sessions[sessionId];
	return session
		? intends({
				type: 'reveal',
				screen: 'sessions',
				id: sessionId,
				unfold: pathOf(state, session)
					.slice(0, -1)
					.map(({id}) => id),
			})
		: refusal('That session is gone.');
};

const nextWaiting: Binding['action'] = focus => {
	const after = focus.view.screen === 'sessions' ? selectedId(focus.view) : undefined;
	const id = nextNeedingYou(focus.state, focus.view, after);
	return id === undefined ? refusal('Nobody waits for you.') : revealSession(focus, id);
};

const newSession: Binding['action'] = ({state, project}) => {
	const [agent] = Object.keys(state.agents);
	return agent === undefined
		? refusal('No agent is configured yet.')
		: intends({type: 'open', overlay: newSessionForm({agent, cwd: project})});
};

/** Scrolls the preview into history and back. */
const scrollBack =
	(direction: 1 | -1, lines: (focus: Focus) => number): Binding['action'] =>
	focus =>
		selectedSession(focus) ? intends({type: 'scroll', by: direction * lines(focus)}) : refusal('There is nothing to scroll yet.');

const halfPage = ({rows}: Focus): number => Math.max(1, Math.floor(rows / 2));
const page = ({rows}: Focus): number => Math.max(1, rows - 2);

/** What can be done with sessions. */
export const sessionBindings: readonly Binding[] = [
	{
		id: 'session.new',
		keys: ['n'],
		places: 'all',
		title: 'New',
		help: 'Start a new session',
		footer: true,
		changes: true,
		action: newSession,
	},
	{
		id: 'session.attach',
		keys: ['enter'],
		places: ['sessions'],
		title: 'Attach',
		help: 'Work in its terminal, full screen; ctrl+] leaves',
		footer: true,
		changes: true,
		action: attach,
	},
	{
		id: 'session.send',
		keys: ['i'],
		places: ['sessions'],
		title: 'Send',
		help: 'Type a line into it, or queue it as its next run',
		footer: true,
		changes: true,
		action: prompt,
	},
	{
		id: 'session.stop',
		keys: ['x'],
		places: ['sessions'],
		title: 'Stop',
		help: 'Stop it and all below it; asks first',
		footer: true,
		changes: true,
		dangerous: true,
		action: stop,
	},
	{
		id: 'session.rerun',
		keys: ['R'],
		places: ['sessions'],
		title: 'Run again',
		help: 'Tell it the same as the last time, as a new run',
		changes: true,
		action: rerun,
	},
	{
		id: 'session.export',
		keys: ['e'],
		places: ['sessions'],
		title: 'Export',
		help: 'Write what was said and done to a file',
		footer: true,
		action: exportSession,
	},
	{
		id: 'session.next-waiting',
		keys: ['tab'],
		places: 'all',
		title: 'Next',
		help: 'Go to the next session that waits for you',
		footer: true,
		action: nextWaiting,
	},
	{id: 'session.fold', keys: ['space'], places: ['sessions'], title: 'Fold', help: 'Fold its children away, or show them', action: fold},
	{
		id: 'preview.back',
		keys: ['['],
		places: ['sessions'],
		title: 'Scroll back',
		help: 'Scroll the preview back by half a page',
		action: scrollBack(1, halfPage),
	},
	{
		id: 'preview.forward',
		keys: [']'],
		places: ['sessions'],
		title: 'Scroll forward',
		help: 'Scroll the preview towards now by half a page',
		action: scrollBack(-1, halfPage),
	},
	{
		id: 'preview.page-back',
		keys: ['pageup'],
		places: ['sessions'],
		title: 'Page back',
		help: 'Scroll the preview back by a page',
		action: scrollBack(1, page),
	},
	{
		id: 'preview.page-forward',
		keys: ['pagedown'],
		places: ['sessions'],
		title: 'Page forward',
		help: 'Scroll the preview towards now by a page',
		action: scrollBack(-1, page),
	},
];
