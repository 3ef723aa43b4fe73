import type {Command} from '../../state/command.js';
import {lanes} from '../../state/queue/lane.js';
import type {Run} from '../../state/run/run.js';
import {type ScreenName, selectedId} from '../../state/view/view.js';
import {type Act, type Binding, type Focus, intends, refusal, refusalOf, sends} from './binding.js';

const onRun =
	(screen: ScreenName, act: (run: Run, focus: Focus) => Act): Binding['action'] =>
	focus => {
		const run = focus.state.runs[selectedId(focus.view, screen) ?? ''];
		return run ? act(run, focus) : refusal('No run is selected.');
	};

const labelOf = (run: Run, {state}: Focus): string => state.sessions[run.sessionId]!.label;

/** Asks before a command that cannot be taken back; one that would be refused says why at once. */
const asksFirst = (
	focus: Focus,
	{command, run, title, verb, done}: {command: Command; run: Run; title: string; verb: string; done: string},
): Act => {
	const refused = refusalOf(focus, command);
	const affected = [`${labelOf(run, focus)}: ${run.text === '' ? run.id : run.text}`];
	return refused === undefined
		? intends({type: 'open', overlay: {kind: 'confirm', title, affected, verb, does: {type: 'send', command, done}}})
		: refusal(refused);
};

const pauseOrResume: Binding['action'] = ({state}) =>
	state.queuePausedBy === undefined
		? sends({type: 'queue.pause'}, {done: 'The queue is paused: what runs goes on, nothing new starts.'})
		: sends({type: 'queue.resume'}, {done: 'The queue goes on.'});

const drainOrNot: Binding['action'] = ({state}) =>
	state.drainingBy === undefined
		? sends({type: 'queue.drain'}, {done: 'The queue is drained: what is there comes to its end, nothing new is taken.'})
		: sends({type: 'queue.undrain'}, {done: 'The queue takes new work again.'});

const cancel = onRun('queue', (run, focus) =>
	asksFirst(focus, {
		command: {type: 'run.cancel', runId: run.id},
		run,
		title: run.state === 'queued' ? 'Withdraw this run?' : 'Cancel this run and what it spawned?',
		verb: run.state === 'queued' ? 'withdraw' : 'cancel',
		done: `The run of ${labelOf(run, focus)} is cancelled.`,
	}),
);

const holdOrNot = onRun('queue', (run, focus) => {
	const label = labelOf(run, focus);
	return run.heldBy === undefined
		? sends({type: 'run.hold', runId: run.id}, {done: `The run of ${label} is held.`})
		: sends({type: 'run.unhold', runId: run.id}, {done: `The run of ${label} goes on.`});
});

const moveTo = (to: 'first' | 'last'): Binding['action'] =>
	onRun('queue', (run, focus) =>
		sends(
			{type: 'run.move', runId: run.id, to},
			{done: `The run of ${labelOf(run, focus)} ${to === 'first' ? 'starts next' : 'waits behind its lane'}.`},
		),
	);

const changeLane = (by: 1 | -1): Binding['action'] =>
	onRun('queue', (run, focus) => {
		const lane = lanes[lanes.indexOf(run.lane) + by];
		return lane === undefined
			? refusal(`${run.lane} is the ${by === -1 ? 'first' : 'last'} lane.`)
			: sends({type: 'run.prioritise', runId: run.id, lane}, {done: `The run of ${labelOf(run, focus)} is in the lane ${lane}.`});
	});

const forceStart = onRun('queue', (run, focus) =>
	asksFirst(focus, {
		command: {type: 'run.force-start', runId: run.id},
		run,
		title: 'Start this run now, over the limits?',
		verb: 'start now',
		done: `The run of ${labelOf(run, focus)} starts over the limits.`,
	}),
);

const retryDead = onRun('dead-letters', (run, focus) =>
	sends({type: 'deadletter.retry', runId: run.id}, {done: `The run of ${labelOf(run, focus)} is tried again.`}),
);

const dropDead = onRun('dead-letters', (run, focus) =>
	asksFirst(focus, {
		command: {type: 'deadletter.drop', runId: run.id},
		run,
		title: 'Drop this dead letter for good?',
		verb: 'drop',
		done: `The run of ${labelOf(run, focus)} is dropped.`,
	}),
);

const inQueue = {places: ['queue'], changes: true} as const;

/** What can be done to the queue, to a run in it, and to the dead letters. */
export const queueBindings: readonly Binding[] = [
	{
		id: 'queue.pause',
		keys: ['p'],
		...inQueue,
		title: 'Pause/resume',
		help: 'Hold the queue, or let it go on',
		footer: true,
		action: pauseOrResume,
	},
	{id: 'run.hold', keys: ['h'], ...inQueue, title: 'Hold', help: 'Hold the selected run, or let it go', footer: true, action: holdOrNot},
	{
		id: 'run.first',
		keys: ['t'],
		...inQueue,
		title: 'Next',
		help: 'Start the selected run next, before every lane',
		footer: true,
		action: moveTo('first'),
	},
	{id: 'run.last', keys: ['b'], ...inQueue, title: 'Last', help: 'Put the selected run behind all of its lane', action: moveTo('last')},
	{
		id: 'run.raise',
		keys: ['+'],
		...inQueue,
		title: 'Lane up',
		help: 'Move the selected run one lane up',
		footer: true,
		action: changeLane(-1),
	},
	{id: 'run.lower', keys: ['-'], ...inQueue, title: 'Lane down', help: 'Move the selected run one lane down', action: changeLane(1)},
	{
		id: 'run.force',
		keys: ['!'],
		...inQueue,
		title: 'Start now',
		help: 'Start the selected run over the limits; asks first',
		dangerous: true,
		action: forceStart,
	},
	{
		id: 'queue.cancel',
		keys: ['x'],
		...inQueue,
		title: 'Cancel',
		help: 'Cancel the selected run; asks first',
		footer: true,
		dangerous: true,
		action: cancel,
	},
	{id: 'queue.drain', keys: ['D'], ...inQueue, title: 'Drain', help: 'Take nothing new, or take it again', action: drainOrNot},
	{
		id: 'dead-letter.retry',
		keys: ['r'],
		places: ['dead-letters'],
		title: 'Retry',
		help: 'Try the selected run again, from the start',
		footer: true,
		changes: true,
		action: retryDead,
	},
	{
		id: 'dead-letter.drop',
		keys: ['x'],
		places: ['dead-letters'],
		title: 'Drop',
		help: 'Drop the selected run for good; asks first',
		footer: true,
		changes: true,
		dangerous: true,
		action: dropDead,
	},
];
