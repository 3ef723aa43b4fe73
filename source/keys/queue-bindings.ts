import {selectedId} from '../../state/view.js';
import {type Act, type Binding, type Focus, intends, refusal, refusalOf, sends} from './binding.js';

const pauseOrResume: Binding['action'] = ({state}) =>
	state.queuePausedBy === undefined
		? sends({type: 'queue.pause'}, {done: 'The queue is paused: what runs goes on, nothing new starts.'})
		: sends({type: 'queue.resume'}, {done: 'The queue goes on.'});

const cancel: Binding['action'] = focus => {
	const {state, view} = focus;
	const run = state.runs[selectedId(view, 'queue') ?? ''];
	if (!run) {
		return refusal('No run is selected.');
	}

	const command = {type: 'run.cancel', runId: run.id} as const;
	const refused = refusalOf(focus, command);
	const {label} = state.sessions[run.sessionId]!;
	return refused === undefined
		? intends({
				type: 'open',
				overlay: {
					kind: 'confirm',
					title: run.state === 'queued' ? 'Withdraw this run?' : 'Cancel this run and what it spawned?',
					affected: [`${label}: ${run.text === '' ? run.id : run.text}`],
					verb: run.state === 'queued' ? 'withdraw' : 'cancel',
					does: {type: 'send', command, done: `The run of ${label} is cancelled.`},
				},
			})
		: refusal(refused);
};

const onBreaker =
	(act: (key: string) => Act): Binding['action'] =>
	({view}: Focus) => {
		const key = selectedId(view, 'breakers');
		return key === undefined ? refusal('No breaker is selected.') : act(key);
	};

/** What can be done to the queue and to the breakers by hand. */
export const queueBindings: readonly Binding[] = [
	{
		id: 'queue.pause',
		keys: ['p'],
		places: ['queue'],
		title: 'Pause/resume',
		help: 'Hold the queue, or let it go on',
		footer: true,
		changes: true,
		action: pauseOrResume,
	},
	{
		id: 'queue.cancel',
		keys: ['x'],
		places: ['queue'],
		title: 'Cancel',
		help: 'Cancel the selected run; asks first',
		footer: true,
		changes: true,
		dangerous: true,
		action: cancel,
	},
	{
		id: 'breaker.trip',
		keys: ['t'],
		places: ['breakers'],
		title: 'Trip',
		help: 'Open it: nothing starts through it until a probe succeeds',
		footer: true,
		changes: true,
		action: onBreaker(key => sends({type: 'breaker.trip', key}, {done: `${key} is open.`})),
	},
	{
		id: 'breaker.reset',
		keys: ['r'],
		places: ['breakers'],
		title: 'Reset',
		help: 'Close it and forget its failures',
		footer: true,
		changes: true,
		action: onBreaker(key => sends({type: 'breaker.reset', key}, {done: `${key} is closed.`})),
	},
	{
		id: 'breaker.hold',
		keys: ['h'],
		places: ['breakers'],
		title: 'Hold',
		help: 'Keep it open until it is reset by hand',
		footer: true,
		changes: true,
		action: onBreaker(key => sends({type: 'breaker.hold', key}, {done: `${key} is held open.`})),
	},
];
