import type {CommandOf} from '../../state/command.js';
import {mayConfirm} from '../../state/escalation/arming.js';
import {readLifetime} from '../../state/escalation/lifetime.js';
import {decidedWith, subjectOf} from '../../state/escalation/shown-request.js';
import {activeRun} from '../../state/session/session.js';
import {exportFormats, type NewSessionForm, type Overlay, type OverlayKind} from '../../state/view/overlay.js';
import type {TextEdit} from '../../state/view/text-field.js';
import {type Act, type Binding, effects, type Focus, intends, refusal, sends} from './binding.js';
import {decisionOn, holds} from './escalation-bindings.js';
import {helpRows} from './help-rows.js';
import {paletteEntries, pickEntry} from './palette.js';

const close = {type: 'close'} as const;

const within =
	<Kind extends OverlayKind>(kind: Kind, act: (overlay: Extract<Overlay, {kind: Kind}>, focus: Focus) => Act): Binding['action'] =>
	focus =>
		focus.view.overlay?.kind === kind
			? act(focus.view.overlay as Extract<Overlay, {kind: Kind}>, focus)
			: refusal('That was closed already.');

const createSession = within('new-session', ({agent, text, cwd, label}) => {
	const name = label.text.trim();
	return effects({
		type: 'create-session',
		command: {type: 'session.create', agent, cwd: cwd.text.trim(), text: text.text, ...(name !== '' && {label: name})},
	});
});

const chooseAgent = (form: NewSessionForm, {state}: Focus, by: 1 | -1): Act => {
	const agents = Object.keys(state.agents);
	const index = Math.max(0, agents.indexOf(form.agent)) + by;
	return intends({type: 'choose', choice: agents.at(index % agents.length) ?? form.agent});
};

/** In the field of the agent the arrows choose one; in a text they move the cursor. */
const sideways = (by: 1 | -1): Binding['action'] =>
	within('new-session', (form, focus) =>
		form.field === 'agent' ? chooseAgent(form, focus, by) : intends({type: 'edit', edit: {type: by === 1 ? 'right' : 'left'}}),
	);

/** A live agent is typed to; for any other the line waits its turn as the next run. */
const sendLine = within('prompt', ({sessionId, input}, {state}) => {
	const session = state.sessions[sessionId];
	if (!session) {
		return refusal('That session is gone.');
	}

	const active = activeRun(state, session);
	const isTyped = active?.state === 'running' || active?.state === 'waiting';
	const {text} = input;
	if (text.trim() === '' && !isTyped) {
		return refusal('Write something first, or leave with esc.');
	}

	const command: CommandOf<'message.type'> | CommandOf<'message.send'> = {type: isTyped ? 'message.type' : 'message.send', sessionId, text};
	const done = isTyped ? `Typed into ${session.label}.` : `Queued for ${session.label}.`;
	return sends(command, {done, intents: [{type: 'edit', edit: {type: 'clear'}}, close]});
});

/** Says it at once: what the agent is doing is interrupted first. */
const interrupt = within('prompt', ({sessionId, input}, {state}) => {
	const session = state.sessions[sessionId];
	const active = session && activeRun(state, session);
	if (!session || !active || (active.state !== 'running' && active.state !== 'waiting')) {
		return refusal(session ? `${session.label} is doing nothing that could be interrupted: enter sends it.` : 'That session is gone.');
	}

	return input.text.trim() === ''
		? refusal('Write something first, or leave with esc.')
		: sends(
				{type: 'message.send', sessionId, text: input.text, mode: 'interrupt'},
				{done: `${session.label} is interrupted and told.`, intents: [{type: 'edit', edit: {type: 'clear'}}, close]},
			);
});

type Deciding = Extract<Overlay, {kind: 'answer' | 'deny-reason' | 'approve-word'}>;

const decideTyped = ({escalationId, fingerprint, input, ...overlay}: Deciding, {arming}: Focus): Act => {
	const typed = input.text.trim();
	const choice = overlay.kind === 'answer' ? 'answer' : overlay.kind === 'deny-reason' ? 'deny' : 'approve';
	const confirmWord = overlay.kind === 'approve-word' ? overlay.word : undefined;
	const refused = mayConfirm(arming, {escalationId, fingerprint, choice, confirmWord, typed});
	if (refused) {
		return refusal(refused.sentence);
	}

	const text = choice === 'approve' ? {word: typed} : typed === '' ? {} : {text: typed};
	const done = {answer: 'Answered.', deny: 'Denied.', approve: 'Approved.'}[choice];
	return sends({type: 'escalation.decide', escalationId, fingerprint, choice, ...text}, {done, intents: [close]});
};

/** A lifetime is typed, never taken by default: enter alone approves nothing. */
const approveAlways = within('approve-always', ({subjectId, fingerprint, input}, {state, view, arming}) => {
	const subject = subjectOf(state, view);
	const lifetime = readLifetime(input.text);
	const refused = mayConfirm(arming, {escalationId: subjectId, fingerprint, choice: 'approve', typed: input.text});
	if (refused || subject?.id !== subjectId) {
		return refusal(refused?.sentence ?? 'That request is not on the screen any more.');
	}

	if (!lifetime) {
		return refusal('Type how long it holds, such as 8h, 2d or 30m, at most 30d; “8h 20x” also says how often.');
	}

	const members = decidedWith(subject, view);
	const extra = {scope: 'always', ...lifetime} as const;
	const [first] = members;
	const act =
		subject.kind === 'group'
			? holds(members, 'approve', extra)
			: first && sends(decisionOn(first, 'approve', extra), {done: 'Approved, and remembered.'});
	return act && act.refusal === undefined ? {...act, intents: [...act.intents, close]} : refusal('Nothing is left to decide.');
});

const confirm = within('confirm', ({does}) => {
	switch (does.type) {
		case 'send': {
			return sends(does.command, {done: does.done, intents: [close]});
		}

		default: {
			return effects({type: does.type === 'quit' ? 'quit' : 'stop-fleet'}, [close]);
		}
	}
});

const chooseFormat = (by: 1 | -1): Binding['action'] =>
	within('export', ({format}) => {
		const index = exportFormats.findIndex(({name}) => name === format) + by;
		return intends({type: 'choose', choice: exportFormats.at(index % exportFormats.length)!.name});
	});

const pick = within('palette', ({index}, focus) => {
	const entry = paletteEntries(focus)[index];
	return entry ? pickEntry(focus, entry) : refusal('No action has that name.');
});

const stepPalette = (by: number): Binding['action'] =>
	within('palette', (_overlay, focus) => intends({type: 'step', by, count: paletteEntries(focus).length}));

const stepHelp = (by: (focus: Focus) => number): Binding['action'] =>
	within('help', (_overlay, focus) =>
		intends({type: 'step', by: by(focus), count: Math.max(0, helpRows(focus.keymap).length - focus.rows)}),
	);

const leaves: Binding['action'] = () => intends(close);

type Row = readonly [
	id: string,
	keys: readonly string[],
	kinds: readonly OverlayKind[],
	title: string,
	help: string,
	action: Binding['action'],
];

const shown: readonly Row[] = [
	['form.start', ['enter'], ['new-session'], 'Start', 'Start the session', createSession],
	['form.next', ['tab', 'down'], ['new-session'], 'Next field', 'Go to the next field', () => intends({type: 'field', by: 1})],
	['form.cancel', ['escape', 'ctrl+c'], ['new-session'], 'Cancel', 'Start nothing', leaves],
	['prompt.send', ['enter'], ['prompt'], 'Send', 'Send the line', sendLine],
	['prompt.interrupt', ['ctrl+x', 'alt+enter'], ['prompt'], 'Interrupt', 'Interrupt what it does, and send the line', interrupt],
	['prompt.leave', ['escape', 'ctrl+c'], ['prompt'], 'Later', 'Keep the line as a draft', leaves],
	['answer.send', ['enter'], ['answer'], 'Answer', 'Send the answer', within('answer', decideTyped)],
	['deny.send', ['enter'], ['deny-reason'], 'Deny', 'Deny the request, with the reason', within('deny-reason', decideTyped)],
	['approve.send', ['enter'], ['approve-word'], 'Approve', 'Approve what the word stands for', within('approve-word', decideTyped)],
	['always.send', ['enter'], ['approve-always'], 'Approve', 'Approve it, and the same again for that long', approveAlways],
	[
		'decision.cancel',
		['escape', 'ctrl+c'],
		['answer', 'deny-reason', 'approve-word', 'approve-always'],
		'Undecided',
		'Leave it undecided',
		leaves,
	],
	['confirm.yes', ['y'], ['confirm'], 'Yes', 'Do it', confirm],
	['confirm.no', ['n', 'escape', 'ctrl+c'], ['confirm'], 'No', 'Leave everything as it is', leaves],
	['filter.keep', ['enter'], ['filter'], 'Keep', 'Keep the filter', leaves],
	['filter.cancel', ['escape', 'ctrl+c'], ['filter'], 'Cancel', 'Back to the filter before', () => intends({type: 'cancel-filter'})],
	['palette.run', ['enter'], ['palette'], 'Run', 'Run the action', pick],
	['palette.close', ['escape', 'ctrl+c'], ['palette'], 'Close', 'Run nothing', leaves],
	[
		'export.write',
		['enter'],
		['export'],
		'Write',
		'Write the file',
		within('export', ({sessionId, format}) => effects({type: 'export', sessionId, format}, [close])),
	],
	['export.cancel', ['escape', 'ctrl+c'], ['export'], 'Cancel', 'Write nothing', leaves],
	['help.down', ['j', 'down'], ['help'], 'Down', 'A line down', stepHelp(() => 1)],
	['help.close', ['escape', '?', 'q', 'ctrl+c'], ['help'], 'Close', 'Back to the screen', leaves],
	['stopping.leave', ['escape'], ['stopping'], 'Stay', 'Stay in the console; the stop goes on', leaves],
];

const hidden: readonly Row[] = [
	['form.previous', ['shift+tab', 'up'], ['new-session'], 'Field before', 'Go to the field before', () => intends({type: 'field', by: -1})],
	['form.right', ['right'], ['new-session'], 'Right', 'The next agent, or the cursor to the right', sideways(1)],
	['form.left', ['left'], ['new-session'], 'Left', 'The agent before, or the cursor to the left', sideways(-1)],
	['palette.down', ['down', 'ctrl+n'], ['palette'], 'Down', 'Select the next action', stepPalette(1)],
	['palette.up', ['up', 'ctrl+p'], ['palette'], 'Up', 'Select the action before', stepPalette(-1)],
	['export.down', ['down', 'j'], ['export'], 'Down', 'Select the next form', chooseFormat(1)],
	['export.up', ['up', 'k'], ['export'], 'Up', 'Select the form before', chooseFormat(-1)],
	['help.up', ['k', 'up'], ['help'], 'Up', 'A line up', stepHelp(() => -1)],
	['help.page-down', ['pagedown', 'space'], ['help'], 'Page down', 'A page down', stepHelp(({rows}) => rows - 1)],
	['help.page-up', ['pageup'], ['help'], 'Page up', 'A page up', stepHelp(({rows}) => 1 - rows)],
];

const textOverlays: readonly OverlayKind[] = [
	'new-session',
	'prompt',
	'answer',
	'deny-reason',
	'approve-word',
	'approve-always',
	'filter',
	'palette',
];

const edits: ReadonlyArray<readonly [type: Exclude<TextEdit['type'], 'insert'>, keys: readonly string[], title: string, help: string]> = [
	['left', ['left', 'ctrl+b'], 'Left', 'A character to the left'],
	['right', ['right', 'ctrl+f'], 'Right', 'A character to the right'],
	['home', ['home', 'ctrl+a'], 'Start', 'To the start of the line'],
	['end', ['end', 'ctrl+e'], 'End', 'To the end of the line'],
	['backspace', ['backspace'], 'Delete back', 'Delete the character before'],
	['delete', ['delete', 'ctrl+d'], 'Delete', 'Delete the character under the cursor'],
	['word-back', ['ctrl+w', 'alt+backspace'], 'Delete word', 'Delete the word before'],
	['clear', ['ctrl+u'], 'Clear', 'Delete everything'],
];

const changing = new Set(['form.start', 'prompt.send', 'prompt.interrupt', 'answer.send', 'deny.send', 'approve.send', 'always.send']);

const bindingOfRow =
	(isShown: boolean) =>
	([id, keys, places, title, help, action]: Row): Binding => ({
		id,
		keys,
		places,
		title,
		help,
		action,
		...(isShown && {footer: true}),
		...(changing.has(id) && {changes: true}),
	});

/** What works in what lies over a screen. The keys of a form come before those of its texts. */
export const overlayBindings: readonly Binding[] = [
	...shown.map(bindingOfRow(true)),
	...hidden.map(bindingOfRow(false)),
	...edits.map(
		([type, keys, title, help]): Binding => ({
			id: `text.${type}`,
			keys,
			places: textOverlays,
			title,
			help,
			action: () => intends({type: 'edit', edit: {type}}),
		}),
	),
];
