import {randomUUID} from 'node:crypto';
import type {Door, Verdict} from '../acp/door.js';
import {createClient} from '../ctl/client.js';
import {CtlFailure} from '../ctl/failure.js';
import {createFlags} from '../ctl/flags.js';
import {persist} from '../ctl/persist.js';
import {findServer} from '../ctl/server.js';
import {packageVersion} from '../package-version.js';
import {fieldsOf, textOf} from '../untrusted-json.js';

/** The words the gateway has for what became of a request, as a verdict. */
const verdictOf = (answer: unknown): Verdict => {
	const {state, choice, text} = fieldsOf(fieldsOf(answer)['escalation']);
	const words = textOf(text);
	const isAllowed = state === 'answered' && choice === 'approve';
	if (isAllowed) {
		return {choice: 'approve'};
	}

	return state === 'answered' ? {choice: 'deny', ...(words !== undefined && {words})} : {choice: 'nobody'};
};

/**
 * The way to the coordinator for the run that `env` names. Outside a run there is none: requests are refused, reports go nowhere.
 * Reports follow one another, so that the last one told is the last one taken.
 */
export const openDoor = (env: NodeJS.ProcessEnv, cwd: string): Door => {
	const runId = env['AGENT_TUI_RUN_ID'];
	const generation = Number(env['AGENT_TUI_GENERATION']);
	if (runId === undefined) {
		return {
			ask: () => Promise.reject(new CtlFailure('NO_RUN', 'this was not started by agent-tui, so there is no operator to ask.')),
			report: () => undefined,
		};
	}

	const {place, token} = findServer(createFlags(new Map()), {env, project: cwd});
	const client = createClient({place, token: token(), version: packageVersion()});
	let inOrder: Promise<unknown> = Promise.resolve();
	return {
		async ask({text, request_kind, payload}, signal) {
			const body = {text, request_kind, payload, wait: true, idempotency_key: randomUUID()};
			const call = {method: 'POST', path: `/runs/${runId}/reply-parent`, body, quietMs: 0, signal} as const;
			return verdictOf(await persist(() => client.call(call), {isExpected: true, signal}));
		},
		report(report) {
			// A coordinator that is away hears the next one; these are hints, not facts to be kept.
			inOrder = inOrder
				.then(() => client.call({method: 'POST', path: `/runs/${runId}/reports`, body: {generation, report}}))
				.catch(() => undefined);
		},
	};
};
