import {type Binding, refusal} from './binding.js';
import {breakerBindings} from './breaker-bindings.js';
import {escalationBindings} from './escalation-bindings.js';
import {overlayBindings} from './overlay-bindings.js';
import {queueBindings} from './queue-bindings.js';
import {screenBindings} from './screen-bindings.js';
import {sessionBindings} from './session-bindings.js';
import {whyBindings} from './why-bindings.js';

const attachedBindings: readonly Binding[] = [
	{
		id: 'attached.detach',
		keys: ['ctrl+]'],
		places: ['attached'],
		title: 'Detach',
		help: 'Back to the console; the agent goes on',
		footer: true,
		action: () => refusal('No agent is attached.'),
	},
];

/** The one table of keys. Dispatch, footer, help, palette and the readme are made of it. */
export const keymap: readonly Binding[] = [
	...escalationBindings,
	...sessionBindings,
	...queueBindings,
	...breakerBindings,
	...whyBindings,
	...screenBindings,
	...attachedBindings,
	...overlayBindings,
];
