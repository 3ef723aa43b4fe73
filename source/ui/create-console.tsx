import type {ReactElement} from 'react';
import type {Actor} from '../../state/actor.js';
import {queueLength} from '../../state/queue/queue-order.js';
import {proofLines} from '../../state/run/stop-proof.js';
import type {QuietHours} from '../../state/safety/quiet-hours.js';
import type {State} from '../../state/state.js';
import {fleetCounts} from '../../state/view/fleet-counts.js';
import {isUnseen} from '../../state/view/session-rows.js';
import {createView, type Intent, selectedId, updateView, type View} from '../../state/view/view.js';
import type {Fleet} from '../fleet.js';
import type {Focus} from '../keys/binding.js';
import {actOfKey, actOfText} from '../keys/dispatch.js';
import {keymap} from '../keys/keymap.js';
import {createFleetStatus} from '../terminal/fleet-status.js';
import type {InputEvent} from '../terminal/input-event.js';
import type {OperatorTerminal} from '../terminal/operator-terminal.js';
import {createPanePainter} from '../terminal/painter.js';
import {App} from './app.js';
import {createAttach} from './attach-agent.js';
import {type ConsoleModel, createConsoleModel} from './console-model.js';
import {createDecisionGuard, type DecisionGuard} from './decision-guard.js';
import {createHeldDecisions} from './held-decisions.js';
import {layoutOf} from './layout.js';
import {notifyOperator} from './notify-operator.js';
import {type CorrectStatus, createPerform, type ExportSession, isAllStopped} from './perform.js';
import {createPreview} from './preview.js';
import {createQuietRuns} from './quiet-runs.js';
import {shownRowIds} from './screens.js';
import {createTheme} from './theme.js';

export type ConsoleOptions = {
	readonly fleet: Fleet;
	readonly terminal: OperatorTerminal;
	/** Who decides here: the name of the user. */
	readonly actorName: string;
	readonly exportSession: ExportSession;
	readonly correctStatus: CorrectStatus;
	/** When only what is urgent may ring. */
	readonly quietHours?: QuietHours | undefined;
};

/** How the console ended. After `stopped`, `proof` says of each tree that was stopped what is left of it. */
export type ConsoleEnding = {readonly how: 'quit' | 'stopped'; readonly proof: readonly string[]};

export type Console = {
	/** For Ink's `render`, on the streams of the same terminal. */
	readonly element: ReactElement;
	/** Resolves when the operator leaves, or the terminal is gone. */
	readonly ended: Promise<ConsoleEnding>;
	/** The process was stopped and goes on: what was on the screen counts as unseen. */
	resumed(): void;
	/** Stops listening, watching and drawing; Ink is unmounted by whoever rendered it. */
	close(): void;
};

/** How long the proof stays on the screen once nothing is left. */
const proofMs = 1000;
const tickMs = 1000;
/** Ages alone are worth a frame now and then: a frame costs more than all idle agents together. */
const ticksPerAge = 5;
/** Ages are told in minutes from then on, so that a frame shows something new less often. */
const calmAfterMs = 60_000;
const ticksPerCalmAge = 15;

type Parts = {
	readonly fleet: Fleet;
	readonly model: ConsoleModel;
	readonly guard: DecisionGuard;
	readonly focusOf: (body: {readonly columns: number; readonly rows: number}, input?: Pick<Focus, 'key' | 'alone'>) => Focus;
};

/** Ended runs of the selected session: whoever presses a key has seen how they ended. */
const sawIntent = ({orchestrator}: Fleet, view: View): Intent => {
	const state = orchestrator.getState();
	const session = view.screen === 'sessions' ? state.sessions[selectedId(view) ?? ''] : undefined;
	return {type: 'saw', runIds: (session?.runIds ?? []).filter(id => isUnseen(state.runs[id]!, view))};
};

/** What the operator does, one event at a time. */
const createInput = (
	{fleet, model, guard, focusOf}: Parts,
	{terminal, perform}: {readonly terminal: OperatorTerminal; readonly perform: ReturnType<typeof createPerform>},
) => {
	const focusNow = (input?: Pick<Focus, 'key' | 'alone'>) => focusOf(layoutOf(terminal.size()).body, input);
	return (event: InputEvent): void => {
		const atMs = fleet.orchestrator.now();
		if (event.kind === 'key') {
			const act = actOfKey(focusNow(event));
			guard.tell({type: 'input', key: event.key, atMs});
			model.update(sawIntent(fleet, model.view()));
			if (act) {
				perform(act);
			}
		} else if (event.kind === 'paste') {
			guard.tell({type: 'pasted', atMs});
			const act = actOfText(focusNow(), event.text);
			if (act) {
				perform(act);
			}
		} else if (event.kind === 'focus' && event.focused) {
			guard.tell({type: 'focused', atMs});
		}
	};
};

/** The operator's terminal shows how the fleet stands, on its tab or window. */
const reportFleet = ({fleet, model}: Parts, terminal: OperatorTerminal) => {
	const status = createFleetStatus({terminal, counts: () => fleetCounts(fleet.orchestrator.getState(), model.view())});
	const stop = model.subscribe(status.update);
	status.update();
	return () => {
		stop();
		status.close();
	};
};

/** Whether every age on the screen is one of minutes or more: nothing happened for `quietForMs`, and nothing is counted down to. */
const isCalm = (state: State, quietForMs: number): boolean =>
	quietForMs >= calmAfterMs && queueLength(state) === 0 && Object.values(state.breakers).every(breaker => breaker.state === 'closed');

/** What time alone changes: ages, old notices, agents that fall silent, a launcher that is reached. */
const startTicking = ({fleet, model}: Parts) => {
	const quiet = createQuietRuns({fleet});
	const openedAtMs = fleet.orchestrator.now();
	let ticks = 0;
	const ticksBetween = (): number => {
		const state = fleet.orchestrator.getState();
		return isCalm(state, fleet.orchestrator.now() - Math.max(state.lastAtMs, openedAtMs)) ? ticksPerCalmAge : ticksPerAge;
	};
	const tick = () => {
		ticks += 1;
		const next = [
			{type: 'age', nowMs: fleet.orchestrator.now()},
			{type: 'quiet', runIds: quiet.list()},
		] as const;
		const hasChanged = next.reduce<View>(updateView, model.view()) !== model.view();
		if (hasChanged) {
			model.update(...next);
		} else if (ticks % ticksBetween() === 0) {
			model.drawSoon();
		}
	};

	const timer = setInterval(tick, tickMs);
	return () => {
		clearInterval(timer);
		quiet.close();
	};
};

const createParts = ({fleet, actor, isAscii}: {fleet: Fleet; actor: Actor; isAscii: boolean}): Parts => {
	const {orchestrator} = fleet;
	const model = createConsoleModel({
		view: createView({nowMs: orchestrator.now()}),
		settle: view => updateView(view, {type: 'rows', screen: view.screen, ids: shownRowIds(fleet, view, orchestrator.now())}),
		now: orchestrator.now,
	});
	const guard = createDecisionGuard({fleet, actor, draw: model.draw});
	const {readOnly, embedded, project} = fleet;
	return {
		fleet,
		model,
		guard,
		focusOf: ({columns, rows}, {key, alone} = {key: '', alone: false}) => ({
			state: orchestrator.getState(),
			view: model.view(),
			nowMs: orchestrator.now(),
			arming: guard.arming(),
			...{actor, readOnly, embedded, project, key, alone, columns, rows, isAscii, keymap},
		}),
	};
};

/** Calls `finish` a moment after everything that was told to stop has ended. */
const awaitStopped = ({fleet, model}: Parts, finish: (proof: readonly string[]) => void) => {
	let timer: NodeJS.Timeout | undefined;
	const stop = model.subscribe(() => {
		const {overlay} = model.view();
		if (!isAllStopped(fleet, model)) {
			clearTimeout(timer);
			timer = undefined;
		} else if (overlay?.kind === 'stopping') {
			timer ??= setTimeout(() => finish(proofLines(fleet.orchestrator.getState(), overlay.runIds)), proofMs);
		}
	});
	return () => {
		clearTimeout(timer);
		stop();
	};
};

/** Wires terminal, keys, coordinator and screens together; nothing is drawn before its element is rendered. */
export const createConsole = ({fleet, terminal, actorName, exportSession, correctStatus, quietHours}: ConsoleOptions): Console => {
	const actor: Actor = {role: 'operator', name: actorName};
	const theme = createTheme(terminal.env);
	const parts = createParts({fleet, actor, isAscii: theme.isAscii});
	const {model, guard, focusOf} = parts;
	const ended = Promise.withResolvers<ConsoleEnding>();
	const quit = () => ended.resolve({how: 'quit', proof: []});
	const preview = createPreview({
		fleet,
		painter: createPanePainter({terminal}),
		onBack: back => model.update({type: 'scroll', by: 0, max: back, screen: 'sessions'}),
	});
	const attach = createAttach({fleet, terminal, model, guard, preview});
	if (fleet.news && fleet.news.length > 0) {
		model.say(fleet.news.join(' '));
	}

	const held = createHeldDecisions({fleet, actor, model, guard});
	const perform = createPerform({fleet, actor, model, guard, held, exportSession, correctStatus, attach: attach.start, quit});
	const stops = [
		terminal.onInput(createInput(parts, {terminal, perform})),
		terminal.onFrame(guard.written),
		terminal.onFrameShown(guard.painted),
		// At once, not when it is drawn: what stands on the screen now was broken by the terminal, and a key may come before the next frame.
		terminal.onResize(() => {
			guard.tell({type: 'resized', atMs: fleet.orchestrator.now()});
			terminal.redraw();
		}),
		terminal.onHangup(quit),
		fleet.orchestrator.subscribe(model.drawSoon),
		notifyOperator({orchestrator: fleet.orchestrator, terminal, quietHours}),
		reportFleet(parts, terminal),
		startTicking(parts),
		awaitStopped(parts, proof => ended.resolve({how: 'stopped', proof})),
		held.close,
		preview.close,
		guard.close,
		model.close,
	];
	const props = {fleet, model, guard, theme, focusOf, onLayout: preview.follow, onReady: attach.ready};
	return {
		element: <App {...props} />,
		ended: ended.promise,
		resumed() {
			guard.tell({type: 'resumed', atMs: fleet.orchestrator.now()});
			terminal.redraw();
		},
		close() {
			for (const stop of stops) {
				stop();
			}
		},
	};
};
