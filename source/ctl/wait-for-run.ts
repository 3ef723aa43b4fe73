import type {Json} from '../../state/json.js';
import {type ExitCode, exitCodes} from '../errors.js';
import {at, type Call, type Done, withQuery} from './command.js';
import {persist} from './persist.js';
import {timedOut, timeLimit} from './time-limit.js';

/**
 * One question to the server waits no longer than this; then it is asked again. An agent asks seldom: it gives its slot back while it waits,
 * and would take it again each time.
 */
const longestPollS = {script: 60, agent: 3600};

const stateOf = (run: Json | undefined): Json | undefined => (run as {readonly state?: Json} | undefined)?.state;

/** 0 for a run that succeeded, 1 for every other end. */
const exitOf = (run: Json | undefined): ExitCode => (stateOf(run) === 'succeeded' ? exitCodes.ok : exitCodes.failure);

/**
 * Waits until the run has ended, or its own time is over (exit 124). Waiting changes nothing, and survives a coordinator that is
 * restarted meanwhile.
 */
export const waitForRun = async ({client, flags, env, signal: outer}: Call): Promise<Done> => {
	const id = flags.need('run-id');
	const seconds = flags.number('timeout-s');
	using limit = timeLimit(seconds, outer, s => timedOut(`${id} did not end`, s));
	const {signal} = limit;
	const isAgent = env['AGENT_TUI_RUN_ID'] !== undefined;
	const pollS = isAgent ? longestPollS.agent : longestPollS.script;
	const path = withQuery(`${at('runs', id)}/wait`, {timeout_s: Math.min(pollS, seconds ?? pollS)});
	for (;;) {
		const answer = await persist(() => client.call({method: 'GET', path, quietMs: 2 * pollS * 1000, signal}), {
			isExpected: isAgent,
			signal,
		});
		if (answer['done'] === true) {
			return {answer, exitCode: exitOf(answer['run'])};
		}

		if (seconds !== undefined && seconds <= pollS) {
			throw timedOut(`${id} did not end`, seconds);
		}
	}
};
