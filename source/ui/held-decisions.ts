import type {Actor} from '../../state/actor.js';
import type {Fleet} from '../fleet.js';
import type {Effect} from '../keys/binding.js';
import type {ConsoleModel} from './console-model.js';
import type {DecisionGuard} from './decision-guard.js';

/** So long decisions on a group can be taken back. */
export const undoMs = 3000;
const redrawMs = 500;

type Held = Extract<Effect, {type: 'hold-decisions'}>;

/** Decisions on their way: one lot at a time, sent when its time is up. */
export type HeldDecisions = {
	hold(decisions: Held): void;
	/** Takes them back: nothing was sent, everything is as open as before. */
	undo(): void;
	/** Leaving sends nothing either. */
	close(): void;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const saidOf = (sent: number, refusals: readonly string[]): string => {
	const others = refusals.length === 0 ? '' : ` ${refusals.length} not: ${[...new Set(refusals)].join(' ')}`;
	return `Decided ${sent} of ${sent + refusals.length}.${others}`;
};

export const createHeldDecisions = ({
	fleet,
	actor,
	model,
	guard,
}: {
	readonly fleet: Fleet;
	readonly actor: Actor;
	readonly model: ConsoleModel;
	readonly guard: DecisionGuard;
}): HeldDecisions => {
	const {orchestrator} = fleet;
	let sending: NodeJS.Timeout | undefined;
	let drawing: NodeJS.Timeout | undefined;

	const letGo = (): void => {
		clearTimeout(sending);
		clearInterval(drawing);
		sending = undefined;
		model.update({type: 'requests', change: {what: 'let-go'}});
	};

	const send = async ({commands}: Held): Promise<void> => {
		const refusals: string[] = [];
		for (const command of commands) {
			try {
				const {refused} = await orchestrator.send(command, {actor});
				refusals.push(...(refused ? [refused.sentence] : []));
			} catch (error) {
				refusals.push(messageOf(error));
			}
		}

		model.say(saidOf(commands.length - refusals.length, refusals), refusals.length === 0 ? 'good' : 'bad');
	};

	return {
		hold(decisions) {
			if (sending !== undefined) {
				model.say('Decisions are on their way: undo them, or wait a moment.');
				return;
			}

			const nowMs = orchestrator.now();
			guard.tell({type: 'decided', atMs: nowMs});
			sending = setTimeout(() => {
				letGo();
				void send(decisions);
			}, undoMs);
			drawing = setInterval(model.draw, redrawMs);
			model.update({type: 'requests', change: {what: 'hold', held: {sentence: decisions.sentence, dueAtMs: nowMs + undoMs}}});
		},
		undo() {
			if (sending === undefined) {
				return;
			}

			letGo();
			model.say('Taken back: nothing was sent.', 'good');
		},
		close() {
			clearTimeout(sending);
			clearInterval(drawing);
		},
	};
};
