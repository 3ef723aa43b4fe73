import {type Core, type CsiParams, guarded} from './xterm-internals.js';

const longestTitle = 256;
const deepestStack = 10;

const controls = /[\u0000-\u001F\u007F-\u009F]/g;

/** A title is untrusted text: no control characters, at most 256 characters. */
const cleaned = (data: string): string => [...data.slice(0, longestTitle * 4).replace(controls, '')].slice(0, longestTitle).join('');

const pushTitle = 22;
const popTitle = 23;
const iconOnly = 1;

/** Follows the window title (OSC 0 and 2) and its stack (CSI 22 t, CSI 23 t). */
export const trackTitle = (core: Core): {readonly current: string} => {
	let current = '';
	let stack: readonly string[] = [];

	const set = (data: string): boolean => {
		current = cleaned(data);
		return true;
	};

	const stacked = (params: CsiParams): boolean => {
		const concernsTitle = params.length < 2 || params.params[1] !== iconOnly;
		if (params.params[0] === pushTitle && concernsTitle) {
			stack = [...stack, current].slice(-deepestStack);
		}

		if (params.params[0] === popTitle && concernsTitle) {
			current = stack.at(-1) ?? current;
			stack = stack.slice(0, -1);
		}

		return params.params[0] === pushTitle || params.params[0] === popTitle;
	};

	core.registerOscHandler(0, guarded(set));
	core.registerOscHandler(1, () => true);
	core.registerOscHandler(2, guarded(set));
	core.registerCsiHandler({final: 't'}, guarded(stacked));
	return {
		get current() {
			return current;
		},
	};
};
