import type {Actor} from '../../state/actor.js';
import {type Arming, type ArmingEvent, armedAtMs, armingEvent, createArming, type PaintedRequest} from '../../state/escalation/arming.js';
import {shownFrame, shownRequest} from '../../state/escalation/escalation-frame.js';
import {groupNamed} from '../../state/escalation/escalation-group.js';
import type {View} from '../../state/view/view.js';
import {sha256} from '../digest.js';
import type {Fleet} from '../fleet.js';
import {isCovered} from './layout.js';

/** A frame as it is drawn: the view, the size of the body, the moment. */
export type DrawnFrame = {
	readonly view: View;
	readonly columns: number;
	readonly rows: number;
	readonly nowMs: number;
	readonly isAscii: boolean;
};

/** Knows what is before the operator's eyes, and so whether a key may decide. */
export type DecisionGuard = {
	arming(): Arming;
	/** Ink is about to draw this frame. */
	drawing(frame: DrawnFrame): void;
	/** The frame that was drawn last was written, as number `written`; a stalled terminal may not have taken it yet. */
	written(number: number): void;
	/** The terminal took the frame of this number: now it is before the eyes. */
	painted(number: number): void;
	tell(event: ArmingEvent): void;
	close(): void;
};

type Options = {readonly fleet: Fleet; readonly actor: Actor; readonly draw: () => void};

/** Journals, once for each request, what the operator saw of it first. */
const createShowing = ({fleet, actor}: Options) => {
	const told = new Set<string>();
	const tell = (escalationId: string, text: string, {columns, rows}: DrawnFrame): void => {
		told.add(escalationId);
		// A disk that fails is told to the operator elsewhere; the request can still be denied.
		fleet.orchestrator
			.send({type: 'escalation.show', escalationId, frame: sha256(text), columns, rows, text}, {actor})
			.catch(() => undefined);
	};

	return (subjectId: string, frame: DrawnFrame): void => {
		const state = fleet.orchestrator.getState();
		const ids = groupNamed(state, subjectId)?.members.map(({id}) => id) ?? [subjectId];
		const unseen = ids.filter(id => !told.has(id) && state.escalations[id] && !state.escalations[id].shown);
		if (fleet.readOnly || unseen.length === 0) {
			return;
		}

		const text = shownFrame(state, frame.view, frame).join('\n');
		for (const id of unseen) {
			tell(id, text, frame);
		}
	};
};

export const createDecisionGuard = (options: Options): DecisionGuard => {
	const {fleet, draw} = options;
	const show = createShowing(options);
	let arming = createArming();
	let frame: DrawnFrame | undefined;
	let request: PaintedRequest | undefined;
	let timer: NodeJS.Timeout | undefined;
	const onTheWay = new Map<number, {readonly frame: DrawnFrame; readonly request: PaintedRequest | undefined}>();

	/** Keys that come alive are drawn as such. */
	const drawWhenArmed = (nowMs: number): void => {
		clearTimeout(timer);
		const atMs = armedAtMs(arming);
		if (atMs !== undefined && atMs > nowMs) {
			timer = setTimeout(draw, atMs - nowMs + 5);
		}
	};

	const tell = (event: ArmingEvent): void => {
		arming = armingEvent(arming, event);
		drawWhenArmed(event.atMs);
	};

	return {
		arming: () => arming,
		drawing(next) {
			const isResized = frame !== undefined && (frame.columns !== next.columns || frame.rows !== next.rows);
			frame = next;
			request = isCovered(next.view) ? undefined : shownRequest(fleet.orchestrator.getState(), next.view, next);
			if (isResized) {
				tell({type: 'resized', atMs: next.nowMs});
			}
		},
		written(number) {
			if (frame) {
				onTheWay.set(number, {frame, request});
			}
		},
		painted(number) {
			const shown = onTheWay.get(number);
			for (const earlier of [...onTheWay.keys()].filter(one => one <= number)) {
				onTheWay.delete(earlier);
			}

			// A newer frame that is still on its way may show another request: only what is last can be decided.
			const isLast = onTheWay.size === 0;
			if (!shown || !isLast) {
				return;
			}

			tell({type: 'painted', request: shown.request, atMs: fleet.orchestrator.now()});
			if (shown.request) {
				show(shown.request.escalationId, shown.frame);
			}
		},
		tell,
		close: () => clearTimeout(timer),
	};
};
