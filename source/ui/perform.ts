import {stat} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Actor} from '../../state/actor.js';
import {bottomLines, type StatusCorrection} from '../../state/agent/screen-correction.js';
import type {Command, CommandOf} from '../../state/command.js';
import {areEnded} from '../../state/run/stop-proof.js';
import type {ExportFormat} from '../../state/view/overlay.js';
import {systemErrorCode} from '../errors.js';
import type {Fleet} from '../fleet.js';
import type {Act, Effect} from '../keys/binding.js';
import {screenForm} from '../keys/why-bindings.js';
import {ptyIdOf} from '../launcher-port.js';
import type {Sent} from '../orchestrator.js';
import type {ConsoleModel} from './console-model.js';
import type {DecisionGuard} from './decision-guard.js';
import type {HeldDecisions} from './held-decisions.js';

/** Writes the export of a session and resolves with the path of the file. */
export type ExportSession = (sessionId: string, format: ExportFormat) => Promise<string>;

/** Makes a rule of what the operator says an agent does, and resolves with a sentence about where it was written. */
export type CorrectStatus = (correction: StatusCorrection) => Promise<string>;

export type PerformOptions = {
	readonly fleet: Fleet;
	readonly actor: Actor;
	readonly model: ConsoleModel;
	readonly guard: DecisionGuard;
	readonly held: HeldDecisions;
	readonly exportSession: ExportSession;
	readonly correctStatus: CorrectStatus;
	readonly attach: (effect: Extract<Effect, {type: 'attach'}>) => void;
	readonly quit: () => void;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The folder as an absolute path, or why it cannot be one. `~` is the operator's home. */
const checkFolder = async (typed: string, project: string): Promise<{folder: string} | {problem: string}> => {
	const home = typed === '~' || typed.startsWith('~/') ? path.join(os.homedir(), typed.slice(1)) : typed;
	const folder = path.resolve(project, home);
	try {
		return (await stat(folder)).isDirectory() ? {folder} : {problem: `${folder} is not a folder.`};
	} catch (error) {
		const isMissing = systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR';
		return {problem: isMissing ? `There is no folder ${folder}.` : `Could not look at ${folder}: ${messageOf(error)}`};
	}
};

/** Sends a command and says what became of it. */
const createSend =
	({fleet, actor, model, guard}: PerformOptions) =>
	async (command: Command, done?: string): Promise<Sent | undefined> => {
		if (command.type === 'escalation.decide') {
			guard.tell({type: 'decided', atMs: fleet.orchestrator.now()});
		}

		try {
			const sent = await fleet.orchestrator.send(command, {actor});
			if (sent.refused) {
				model.say(sent.refused.sentence);
			} else if (done !== undefined) {
				model.say(done, 'good');
			}

			return sent;
		} catch (error) {
			model.say(messageOf(error));
			return undefined;
		}
	};

type Send = ReturnType<typeof createSend>;

/** Starts the session of the form, which stays open with the reason when it cannot be. */
const createSession = async (command: CommandOf<'session.create'>, send: Send, {fleet, model}: PerformOptions): Promise<void> => {
	const checked = await checkFolder(command.cwd, fleet.project);
	if ('problem' in checked) {
		model.update({type: 'problem', text: checked.problem});
		return;
	}

	const sent = await send({...command, cwd: checked.folder});
	if (!sent || sent.refused) {
		return;
	}

	const session = sent.facts.map(({fact}) => fact).find(fact => fact.type === 'session.created')?.session;
	model.update({type: 'close'}, ...(session ? [{type: 'reveal', screen: 'sessions', id: session.id} as const] : []));
};

/** Stops everything; the screen shows each proof from then on. */
const stopFleet = async (send: Send, {fleet, model}: PerformOptions): Promise<void> => {
	const runIds = [...fleet.orchestrator.getState().index.live];
	const sent = await send({type: 'fleet.stop'});
	if (sent && !sent.refused) {
		model.update({type: 'open', overlay: {kind: 'stopping', runIds}});
	}
};

/** Reads a screen, and opens the form in which what is believed of it is corrected. */
const readScreen = async ({runId, generation}: Extract<Effect, {type: 'read-screen'}>, {fleet, model}: PerformOptions): Promise<void> => {
	const ptyId = ptyIdOf({runId, generation});
	const screen = await fleet.launcher()?.text({ptyId, recordingPath: fleet.paths.recording(ptyId)}, 'screen');
	const state = fleet.orchestrator.getState();
	const run = state.runs[runId];
	const form = run && screen && screenForm(state, run, {lines: bottomLines(screen), screen});
	if (form) {
		model.update({type: 'open', overlay: form});
	} else {
		model.say(
			screen ? 'Its screen shows nothing that a rule could be made of.' : 'The launcher is not reached yet; try again in a moment.',
		);
	}
};

/** Does what a key asks: the intents at once, then the command or the effect. Never rejects: what goes wrong is said in the footer. */
export const createPerform = (options: PerformOptions): ((act: Act) => void) => {
	const {model, exportSession, correctStatus, attach, quit} = options;
	const send = createSend(options);

	/** Says what came of it, or what went wrong. */
	const tell = async (doing: Promise<string | undefined>): Promise<void> => {
		try {
			const done = await doing;
			if (done !== undefined) {
				model.say(done, 'good');
			}
		} catch (error) {
			model.say(messageOf(error));
		}
	};

	const exportNow = async (sessionId: string, format: ExportFormat): Promise<string> => {
		model.say('Writing the export.', 'info');
		return `Written to ${await exportSession(sessionId, format)}`;
	};

	const take = (effect: Effect): void => {
		switch (effect.type) {
			case 'attach': {
				attach(effect);
				return;
			}

			case 'create-session': {
				void createSession(effect.command, send, options);
				return;
			}

			case 'export': {
				void tell(exportNow(effect.sessionId, effect.format));
				return;
			}

			case 'hold-decisions': {
				options.held.hold(effect);
				return;
			}

			case 'undo-decisions': {
				options.held.undo();
				return;
			}

			case 'read-screen': {
				void tell(readScreen(effect, options).then(() => undefined));
				return;
			}

			case 'correct-status': {
				void tell(correctStatus(effect.correction));
				return;
			}

			case 'stop-fleet': {
				void stopFleet(send, options);
				return;
			}

			case 'quit': {
				quit();
			}
		}
	};

	return act => {
		if (act.refusal !== undefined) {
			model.say(act.refusal);
			return;
		}

		// What was said before is answered by the next key.
		model.update({type: 'age', nowMs: Number.POSITIVE_INFINITY}, ...act.intents);
		if (act.command) {
			void send(act.command, act.done);
		}

		if (act.effect) {
			take(act.effect);
		}
	};
};

/** Whether everything that was told to stop has ended. */
export const isAllStopped = ({orchestrator}: Fleet, model: ConsoleModel): boolean => {
	const {overlay} = model.view();
	return overlay?.kind === 'stopping' && areEnded(orchestrator.getState(), overlay.runIds);
};
