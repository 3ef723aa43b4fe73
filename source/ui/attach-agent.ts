import type {Fleet} from '../fleet.js';
import type {Effect} from '../keys/binding.js';
import {ptyIdOf} from '../launcher-port.js';
import {attachFullScreen} from '../terminal/attach.js';
import type {OperatorTerminal} from '../terminal/operator-terminal.js';
import type {Suspend} from './app.js';
import type {ConsoleModel} from './console-model.js';
import type {DecisionGuard} from './decision-guard.js';
import type {Preview} from './preview.js';

type AttachEffect = Extract<Effect, {type: 'attach'}>;

type Options = {
	readonly fleet: Fleet;
	readonly terminal: OperatorTerminal;
	readonly model: ConsoleModel;
	readonly guard: DecisionGuard;
	readonly preview: Preview;
};

/** Gives the operator's terminal to an agent and takes it back. */
export const createAttach = ({fleet, terminal, model, guard, preview}: Options) => {
	let suspend: Suspend | undefined;
	let isAttached = false;

	const stay = async (effect: AttachEffect): Promise<void> => {
		const launcher = fleet.launcher();
		if (isAttached || !suspend || !launcher) {
			model.say('The launcher is not reached yet; try again in a moment.');
			return;
		}

		const {sessionId} = fleet.orchestrator.getState().runs[effect.runId]!;
		const {label} = fleet.orchestrator.getState().sessions[sessionId]!;
		const letGo = suspend;
		isAttached = true;
		preview.pause(true);
		try {
			const outcome = await attachFullScreen({
				terminal,
				attach: (size, events) => launcher.attach(ptyIdOf(effect), size, events),
				suspend: () => letGo(),
			});
			if (outcome === 'ended') {
				model.say(`${label} ended.`, 'info');
			}
		} catch (error) {
			model.say(`Could not attach to ${label}: ${error instanceof Error ? error.message : String(error)}`);
		} finally {
			isAttached = false;
			preview.pause(false);
			guard.tell({type: 'resumed', atMs: fleet.orchestrator.now()});
			model.draw();
			// Whatever is on the screen now was drawn before: a request counts as shown only from the next frame on.
			terminal.redraw();
		}
	};

	return {
		/** Ink is there, and this is how it lets go of the terminal. */
		ready(nextSuspend: Suspend): void {
			suspend = nextSuspend;
		},
		/** From here on what is typed is the agent's. */
		start: (effect: AttachEffect): void => void stay(effect),
	};
};
