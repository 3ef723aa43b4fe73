import {alertSubject} from '../../state/safety/alert-subject.js';
import {selectedId} from '../../state/view/view.js';
import {type Act, type Binding, type Focus, intends, refusal, sends} from './binding.js';
import {revealSession} from './session-bindings.js';

const onBreaker =
	(act: (key: string) => Act): Binding['action'] =>
	({view}: Focus) => {
		const key = selectedId(view, 'breakers');
		const isBreaker = key !== undefined && !/^(?:pause|budget|limit):/.test(key);
		return isBreaker ? act(key) : refusal('No breaker is selected: limits, budgets and pauses have none of their own.');
	};

const providerOf = (rowId: string): string | undefined => (rowId.startsWith('pause:') ? rowId.slice('pause:'.length) : undefined);

const letProviderGoOn: Binding['action'] = ({view}) => {
	const provider = providerOf(selectedId(view, 'breakers') ?? '');
	return provider === undefined
		? refusal('Only a provider that told us to wait can be let go on.')
		: sends({type: 'provider.clear', provider}, {done: `${provider} may go on.`});
};

const seen: Binding['action'] = ({view}) => {
	const key = selectedId(view, 'alerts');
	return key === undefined
		? refusal('No alert is selected.')
		: sends({type: 'alert.acknowledge', key}, {done: 'Seen: it stays quiet until it is over.'});
};

/** Goes to what the alert is about. */
const goToSubject: Binding['action'] = focus => {
	const key = selectedId(focus.view, 'alerts');
	const subject = key === undefined ? undefined : alertSubject(focus.state, key);
	if (!subject) {
		return refusal(key === undefined ? 'No alert is selected.' : 'What it is about is gone.');
	}

	const {screen, id} = subject;
	if (id === undefined) {
		return intends({type: 'show', screen});
	}

	return screen === 'sessions' ? revealSession(focus, id) : intends({type: 'reveal', screen, id});
};

/** What can be done to breakers, to providers that told us to wait, and to alerts. */
export const breakerBindings: readonly Binding[] = [
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
	{
		id: 'provider.clear',
		keys: ['o'],
		places: ['breakers'],
		title: 'Go on',
		help: 'Let the selected provider go on before its time',
		footer: true,
		changes: true,
		action: letProviderGoOn,
	},
	{
		id: 'alert.go',
		keys: ['enter'],
		places: ['alerts'],
		title: 'Go there',
		help: 'Go to what the alert is about',
		footer: true,
		action: goToSubject,
	},
	{
		id: 'alert.acknowledge',
		keys: ['s'],
		places: ['alerts'],
		title: 'Seen',
		help: 'Mark the alert as seen: it stays quiet until it is over',
		footer: true,
		changes: true,
		action: seen,
	},
];
