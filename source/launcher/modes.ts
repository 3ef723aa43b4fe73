import {type Core, type CsiParams, type FunctionId, guarded} from './xterm-internals.js';

/** Which of these the agent switched on last counts; switching any of them off switches all off. */
const mouseProtocols: readonly number[] = [9, 1000, 1002, 1003];
const mouseEncodings: readonly number[] = [1005, 1006, 1015, 1016];

/** Modes that are off in a reset terminal and that a viewer must have as the agent has them. The operator's terminal undoes each on detach. */
const offByDefault: readonly number[] = [1, 5, 45, 1004, 2004, 2031, 2048, ...mouseProtocols, ...mouseEncodings];

/** Modes that are on in a reset terminal: wraparound and the visible cursor. */
const onByDefault: readonly number[] = [7, 25];

/** Another name for what ESC = and ESC > do. */
const applicationKeypad = 66;

const tracked = new Set([...offByDefault, ...onByDefault]);

/** What a soft reset (DECSTR) puts back. */
const softReset: readonly number[] = [1, 7, 25, 45, 1004, 2004];

const deepestKittyStack = 16;

const modifyOtherKeysResource = 4;
const lastCursorStyle = 6;

/** The keyboard flags of the kitty protocol: one stack for each screen. */
const createKittyStack = () => {
	let flags: number[] = [0];
	return {
		top: (): number => flags.at(-1) ?? 0,
		push(value: number): void {
			flags = [...flags, value].slice(-deepestKittyStack);
		},
		pop(amount: number): void {
			flags = flags.slice(0, Math.max(flags.length - amount, 0));
			flags = flags.length === 0 ? [0] : flags;
		},
		/** `how`: 1 replaces, 2 adds, 3 takes away. */
		set(value: number, how: number): void {
			const top = flags.pop() ?? 0;
			const added = how === 2 ? top | value : value;
			flags.push(how === 3 ? top & ~value : added);
		},
	};
};

/** What the agent's output has asked of its terminal besides cells. */
export type Modes = {
	/** The kitty keyboard flags in force. */
	readonly kittyFlags: number;
	/** xterm's modifyOtherKeys level: 0 to 2. */
	readonly modifyOtherKeys: number;
	/** DECSCUSR number; 0 is the terminal's own. */
	readonly cursorStyle: number;
	/** Sequences that bring a terminal in its reset state to these modes; never the alternate screen. */
	replay(): string;
};

/** What one run of output leaves behind; a full reset starts a new one. */
const createModeState = () => ({
	/** Modes that differ from the default, in the order they were set. */
	changed: new Set<number>(),
	kitty: {normal: createKittyStack(), alternate: createKittyStack()},
	modifyOtherKeys: 0,
	keypad: false,
	cursorStyle: 0,
});

type ModeState = ReturnType<typeof createModeState>;

const groupOf = (mode: number): readonly number[] => [mouseProtocols, mouseEncodings].find(group => group.includes(mode)) ?? [mode];

const change = (state: ModeState, mode: number, isOn: boolean): void => {
	if (mode === applicationKeypad) {
		state.keypad = isOn;
	}

	if (!tracked.has(mode)) {
		return;
	}

	for (const member of groupOf(mode)) {
		state.changed.delete(member);
	}

	if (isOn !== onByDefault.includes(mode)) {
		state.changed.add(mode);
	}
};

const replay = (state: ModeState, kittyFlags: number): string => {
	const modes = [...state.changed].map(mode => `\u001B[?${mode}${onByDefault.includes(mode) ? 'l' : 'h'}`);
	const keyboard = kittyFlags === 0 ? '' : `\u001B[=${kittyFlags};1u`;
	const otherKeys = state.modifyOtherKeys === 0 ? '' : `\u001B[>${modifyOtherKeysResource};${state.modifyOtherKeys}m`;
	const keypad = state.keypad ? '\u001B=' : '';
	const cursor = state.cursorStyle === 0 ? '' : `\u001B[${state.cursorStyle} q`;
	return modes.join('') + keyboard + otherKeys + keypad + cursor;
};

/** Registers handlers that only look: every sequence goes on to xterm.js. */
const observer = (core: Core) => ({
	csi(id: FunctionId, look: (params: CsiParams) => void): void {
		const handler = guarded((params: CsiParams) => {
			look(params);
			return false;
		});
		core.registerCsiHandler(id, handler);
	},
	esc(final: string, look: () => void): void {
		const handler = guarded(() => {
			look();
			return false;
		});
		core.registerEscHandler({final}, handler);
	},
});

const parameter = (params: CsiParams, index: number): number => (index < params.length ? params.params[index]! : 0);

type Current = {readonly state: ModeState; readonly kitty: ReturnType<typeof createKittyStack>};

const observeModes = (core: Core, current: () => Current): void => {
	const observe = observer(core);
	const changeAll = (params: CsiParams, isOn: boolean): void => {
		for (const mode of params.params.subarray(0, params.length)) {
			change(current().state, mode, isOn);
		}
	};

	observe.csi({prefix: '?', final: 'h'}, params => changeAll(params, true));
	observe.csi({prefix: '?', final: 'l'}, params => changeAll(params, false));
	observe.csi({intermediates: '!', final: 'p'}, () => {
		for (const mode of softReset) {
			change(current().state, mode, onByDefault.includes(mode));
		}

		current().state.keypad = false;
	});
	observe.csi({intermediates: ' ', final: 'q'}, params => {
		const style = parameter(params, 0);
		current().state.cursorStyle = style <= lastCursorStyle ? style : 0;
	});
	observe.esc('=', () => {
		current().state.keypad = true;
	});
	observe.esc('>', () => {
		current().state.keypad = false;
	});
};

const observeKeyboard = (core: Core, current: () => Current): void => {
	const observe = observer(core);
	observe.csi({prefix: '>', final: 'u'}, params => current().kitty.push(parameter(params, 0)));
	observe.csi({prefix: '<', final: 'u'}, params => current().kitty.pop(parameter(params, 0) || 1));
	observe.csi({prefix: '=', final: 'u'}, params => current().kitty.set(parameter(params, 0), parameter(params, 1)));
	observe.csi({prefix: '>', final: 'm'}, params => {
		const isReset = params.length === 0 || parameter(params, 0) === 0;
		if (isReset || parameter(params, 0) === modifyOtherKeysResource) {
			current().state.modifyOtherKeys = Math.min(parameter(params, 1), 2);
		}
	});
};

/** Follows the modes an agent sets, so that they can be brought into force on another terminal. */
export const trackModes = (core: Core): Modes => {
	let state = createModeState();
	const kitty = () => (core.buffers.active === core.buffers.normal ? state.kitty.normal : state.kitty.alternate);
	const reset = (): void => {
		state = createModeState();
	};

	const current = (): Current => ({state, kitty: kitty()});
	observeModes(core, current);
	observeKeyboard(core, current);
	observer(core).esc('c', reset);
	return {
		get kittyFlags() {
			return kitty().top();
		},
		get modifyOtherKeys() {
			return state.modifyOtherKeys;
		},
		get cursorStyle() {
			return state.cursorStyle;
		},
		replay: () => replay(state, kitty().top()),
	};
};
