import type {State} from '../state.js';
import {defaultRetry, noRetry, type RetryPolicy} from './retry.js';
import type {Run} from './run.js';

/**
 * How often and when this run is tried again: as its agent's profile says, unless the run itself asked otherwise. Nothing is tried twice
 * unasked: what a command line does when it runs again only its author knows.
 */
export const retryPolicyOf = (state: State, run: Run): RetryPolicy => {
	const profile = state.agents[state.sessions[run.sessionId]!.agent];
	if (run.retry === false) {
		return noRetry;
	}

	return profile?.retry ?? (run.retry ? defaultRetry : noRetry);
};

/** Whether it was meant to be tried again at all. */
export const isRetried = ({waitsMs}: RetryPolicy): boolean => waitsMs.length > 0;
