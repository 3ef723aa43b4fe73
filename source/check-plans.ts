import type {CommandOf} from '../state/command.js';
import type {Escalation, Found} from '../state/escalation/escalation.js';
import {canonicalJson} from '../state/escalation/fingerprint.js';
import type {Json} from '../state/json.js';
import {type Refusal, refuse} from '../state/refusal.js';
import type {State} from '../state/state.js';
import {lookAtPlan} from './look-at-plan.js';
import type {Orchestrator} from './orchestrator.js';

type Asked = Pick<CommandOf<'escalation.raise'>, 'runId' | 'payload'>;

/** Where an attempt of this run looks for programs; `undefined` when it runs on another machine, whose files cannot be looked at from here. */
const searchPathOf = (
	state: State,
	runId: string,
	{host, env}: {readonly host: string; readonly env: NodeJS.ProcessEnv},
): string | undefined => {
	const run = state.runs[runId];
	const launcher = state.launchers[run?.attempts.at(-1)?.launcherId ?? ''];
	const agent = state.agents[state.sessions[run?.sessionId ?? '']?.agent ?? ''];
	return launcher?.host === host ? (agent?.env?.['PATH'] ?? env['PATH'] ?? '') : undefined;
};

/**
 * The orchestrator, with plans looked at on the way in: what a request would run is found out when it is raised, whatever its asker says,
 * and once more just before it is approved. What changed meanwhile is asked as a new request, and the approval of the old one is refused.
 */
export const checkPlans = (orchestrator: Orchestrator, place: {readonly host: string; readonly env: NodeJS.ProcessEnv}): Orchestrator => {
	const look = async ({runId, payload}: Asked): Promise<Found | undefined> => {
		const state = orchestrator.getState();
		const searchPath = searchPathOf(state, runId, place);
		const folder = state.sessions[state.runs[runId]?.sessionId ?? '']?.cwd;
		return searchPath === undefined || folder === undefined ? undefined : lookAtPlan(payload, {folder, searchPath});
	};

	const withFound = async ({found: _, ...command}: CommandOf<'escalation.raise'>): Promise<CommandOf<'escalation.raise'>> => {
		const found = await look(command);
		return {...command, ...(found && {found})};
	};

	const askAnew = async (
		{id, runId, kind, text, payload, blocking, fingerprint}: Escalation,
		found: Found | undefined,
	): Promise<Refusal | undefined> => {
		const plan = {runId, kind, text, ...(payload && {payload}), ...(found && {found}), blocking, fingerprint};
		const {refused} = await orchestrator.send({type: 'escalation.raise', ...plan}, {actor: {role: 'system'}});
		return refused && refuse('CHANGED', `What ${id} would do changed meanwhile, and it cannot be asked anew: ${refused.sentence}`);
	};

	/** Looks once more at what is to be approved. What changed is asked anew; the refusal when not even that can be. */
	const lookAgain = async ({escalationId, choice}: CommandOf<'escalation.decide'>): Promise<Refusal | undefined> => {
		const escalation = orchestrator.getState().escalations[escalationId];
		if (choice !== 'approve' || escalation?.state !== 'open') {
			return undefined;
		}

		const found = await look(escalation);
		const isSame = canonicalJson(found as Json | undefined) === canonicalJson(escalation.found as Json | undefined);
		return isSame ? undefined : askAnew(escalation, found);
	};

	const send: Orchestrator['send'] = async (command, sender) => {
		if (command.type === 'escalation.raise') {
			return orchestrator.send(await withFound(command), sender);
		}

		if (command.type === 'escalation.decide') {
			const refused = await lookAgain(command);
			if (refused) {
				return {refused};
			}
		}

		return orchestrator.send(command, sender);
	};

	return {
		...orchestrator,
		get failure() {
			return orchestrator.failure;
		},
		send,
	};
};
