import type {Binding, Place} from './binding.js';
import {keyLabel} from './chord.js';

/** A line of the help: a heading, or the keys of one action and what it does. */
export type HelpRow = {readonly heading: string; readonly binding?: undefined} | {readonly heading?: undefined; readonly binding: Binding};

/** What every place is called, in the order of the help. */
export const placeNames: Readonly<Record<Place, string>> = {
	sessions: 'Sessions',
	queue: 'Queue',
	breakers: 'Limits',
	escalations: 'Escalations',
	events: 'Events',
	launchers: 'Launchers',
	'dead-letters': 'Dead letters',
	alerts: 'Alerts',
	attached: 'Attached',
	'new-session': 'New session',
	prompt: 'Sending a line',
	'approve-word': 'Approving',
	'approve-always': 'Approving for longer',
	'deny-reason': 'Denying',
	answer: 'Answering',
	confirm: 'Question',
	filter: 'Filter',
	palette: 'Palette',
	export: 'Export',
	help: 'Help',
	stopping: 'Stopping',
	why: 'Why',
	correct: 'Correcting a state',
};

const placeOrder = Object.keys(placeNames) as readonly Place[];

/** Where a binding works, in words. */
export const whereOf = ({id, places}: Binding): string => {
	if (id.startsWith('text.')) {
		return 'Writing a text';
	}

	return places === 'all' ? 'Every screen' : places.map(place => placeNames[place]).join(', ');
};

const rank = ({id, places}: Binding): number => {
	if (places === 'all') {
		return -1;
	}

	// A list shared by some screens comes behind what each screen has of its own.
	return id.startsWith('text.') ? Number.MAX_SAFE_INTEGER : placeOrder.indexOf(places[0]!) + (places.length > 1 ? 0.5 : 0);
};

/** The keys of a binding as one text: `j ↓`. */
export const keysLabel = ({keys}: Binding, options?: {readonly isAscii?: boolean}): string =>
	keys.map(key => keyLabel(key, options)).join(' ');

/** Every binding under a heading that says where it works: the help screen, line by line. */
export const helpRows = (keymap: readonly Binding[]): readonly HelpRow[] => {
	const groups = Map.groupBy(
		keymap.toSorted((a, b) => rank(a) - rank(b)),
		whereOf,
	);
	return [...groups].flatMap(([heading, bindings]) => [{heading}, ...bindings.map(binding => ({binding}))]);
};
