import type {CommandOf} from '../state/command.js';
import type {Escalation} from '../state/escalation/escalation.js';
import {canonicalPlan} from '../state/escalation/fingerprint.js';
import type {AgentAnswer, AgentRequest} from './agent-adapter.js';
import {sha256} from './digest.js';

/** The command that raises what an agent asks. Its own name of the request goes along, so that the same request is found again. */
export const raiseOf = (
	attempt: {readonly runId: string; readonly generation: number},
	{requestId, kind, text, payload}: AgentRequest,
): CommandOf<'escalation.raise'> => {
	const {extra, ...facts} = payload ?? {};
	const others = typeof extra === 'object' && extra !== null && !Array.isArray(extra) ? extra : extra === undefined ? {} : {extra};
	const plan = {...attempt, kind, text, payload: {...facts, extra: {...others, request_id: requestId}}};
	const {generation: _, ...asked} = plan;
	return {type: 'escalation.raise', ...asked, blocking: true, fingerprint: sha256(canonicalPlan(plan))};
};

/** What the agent calls a request, in the payload of the escalation it became. */
export const requestIdOf = ({payload}: Pick<Escalation, 'payload'>): string | undefined => {
	const extra = payload?.extra;
	const id = typeof extra === 'object' && extra !== null && 'request_id' in extra ? extra.request_id : undefined;
	return typeof id === 'string' ? id : undefined;
};

/** What the agent is told about a request that left `open`. */
export const answerOf = ({state, decision, closed}: Pick<Escalation, 'state' | 'decision' | 'closed'>): AgentAnswer => {
	switch (state) {
		case 'answered': {
			const {choice, text} = decision!;
			return choice === 'answer' ? {choice, text: text ?? ''} : {choice, ...(text !== undefined && {text})};
		}

		case 'expired': {
			return {choice: 'expired', text: closed?.why ?? 'nobody answered in time'};
		}

		default: {
			return {choice: 'withdrawn', text: closed?.why ?? 'the request was withdrawn'};
		}
	}
};
