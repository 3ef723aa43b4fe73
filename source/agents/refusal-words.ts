import type {AgentAnswer} from '../agent-adapter.js';

/** What an agent is told that may not do what it asked: a person's reason, or that no person said anything. */
export const refusalWords = (answer: Extract<AgentAnswer, {readonly choice: 'deny' | 'expired'}>): string =>
	answer.choice === 'deny'
		? answer.text?.trim() || 'The operator denied this.'
		: 'Nobody answered in time. No person denied this: ask again later, or go on without it.';
