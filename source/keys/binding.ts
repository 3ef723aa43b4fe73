import type {Actor} from '../../state/actor.js';
import type {StatusCorrection} from '../../state/agent/screen-correction.js';
import type {Command, CommandOf} from '../../state/command.js';
import {whyNot} from '../../state/decide.js';
import type {Arming} from '../../state/escalation/arming.js';
import type {State} from '../../state/state.js';
import type {ExportFormat, OverlayKind} from '../../state/view/overlay.js';
import type {Intent, ScreenName, View} from '../../state/view/view.js';

/** Where a key means something: a screen, what lies over it, or the terminal of an agent. */
export type Place = ScreenName | OverlayKind | 'attached';

/** What neither a command nor a change of the view can do. */
export type Effect =
	| {readonly type: 'attach'; readonly runId: string; readonly generation: number}
	/** The folder of the new session is looked for first. */
	| {readonly type: 'create-session'; readonly command: Extract<Command, {type: 'session.create'}>}
	| {readonly type: 'export'; readonly sessionId: string; readonly format: ExportFormat}
	/** Sends them in a moment, unless they are taken back; nothing is sent before. */
	| {readonly type: 'hold-decisions'; readonly sentence: string; readonly commands: readonly CommandOf<'escalation.decide'>[]}
	| {readonly type: 'undo-decisions'}
	/** Looks at a screen, so that what is believed of it can be corrected. */
	| {readonly type: 'read-screen'; readonly runId: string; readonly generation: number}
	/** Writes a rule of the operator's own. */
	| {readonly type: 'correct-status'; readonly correction: StatusCorrection}
	| {readonly type: 'quit'}
	| {readonly type: 'stop-fleet'};

/** What a key does now: first the intents, then the command or the effect. Or why it does nothing. */
export type Act =
	| {
			readonly refusal?: undefined;
			readonly intents: readonly Intent[];
			readonly command?: Command;
			/** Said once the command is durable. */
			readonly done?: string;
			readonly effect?: Effect;
	  }
	| {readonly refusal: string};

/** Everything a key can depend on. */
export type Focus = {
	readonly state: State;
	readonly view: View;
	readonly nowMs: number;
	readonly actor: Actor;
	readonly readOnly: boolean;
	/** The agents end with the console. */
	readonly embedded: boolean;
	/** Where new sessions start unless told otherwise. */
	readonly project: string;
	readonly arming: Arming;
	/** The key that came, and whether it came alone: only then it may decide. */
	readonly key: string;
	readonly alone: boolean;
	/** The size of the body, and whether it is drawn in ASCII alone. */
	readonly columns: number;
	readonly rows: number;
	readonly isAscii: boolean;
	readonly keymap: readonly Binding[];
};

/** One row of the table of keys. It feeds dispatch, footer, help, palette and the readme. */
export type Binding = {
	/** Stable; names it in the palette and for rebinding. */
	readonly id: string;
	/** Names of keys as the terminal gives them: `a`, `ctrl+p`, `pageup`. */
	readonly keys: readonly string[];
	/** `all` means every screen, but nothing that lies over one. */
	readonly places: 'all' | readonly Place[];
	/** One or two words, as a button would say it. */
	readonly title: string;
	/** What it does, in one line. */
	readonly help: string;
	/** Whether the footer has room for it. */
	readonly footer?: boolean;
	/** It changes something that others see: refused in a read-only console. */
	readonly changes?: boolean;
	/** It ends something: it asks first. */
	readonly dangerous?: boolean;
	/** It decides a request: only the key itself will do, never the palette. */
	readonly decides?: boolean;
	readonly action: (focus: Focus) => Act;
};

export const refusal = (sentence: string): Act => ({refusal: sentence});

/** An act that only changes the view. */
export const intends = (...intents: readonly Intent[]): Act => ({intents});

export const sends = (command: Command, {done, intents = []}: {done?: string; intents?: readonly Intent[]} = {}): Act => ({
	intents,
	command,
	...(done !== undefined && {done}),
});

export const effects = (effect: Effect, intents: readonly Intent[] = []): Act => ({intents, effect});

/** Why the coordinator would refuse a command now. */
export const refusalOf = ({state, actor, nowMs}: Focus, command: Command): string | undefined =>
	whyNot(state, command, {actor, nowMs})?.sentence;

/** What a binding does now. A refusal by the coordinator is known before anything is touched. */
export const actOf = (binding: Binding, focus: Focus): Act => {
	if (binding.changes && focus.readOnly) {
		return refusal(`This console is read-only: it does not ${binding.title.toLowerCase()}.`);
	}

	const act = binding.action(focus);
	const refused = act.refusal === undefined && act.command ? refusalOf(focus, act.command) : undefined;
	return refused === undefined ? act : refusal(refused);
};
