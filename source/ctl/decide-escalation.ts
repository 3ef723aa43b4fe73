import {readLifetime} from '../../state/escalation/lifetime.js';
import type {Answer} from './client.js';
import {at, type Call, type Done, given} from './command.js';
import {CtlFailure, usage} from './failure.js';
import type {Flags} from './flags.js';

const shortestFingerprint = 8;

const choices = ['approve', 'deny', 'answer'];

const fingerprintOf = (answer: Answer): string => {
	const {escalation} = answer;
	return String((escalation as {readonly fingerprint?: unknown} | undefined)?.fingerprint ?? '');
};

const lifetimeOf = (flags: Flags) => {
	const given = flags.text('lifetime');
	const lifetime = given === undefined ? undefined : readLifetime(given);
	if (given !== undefined && !lifetime) {
		throw usage('--lifetime must be like 8h, 2d, 30m or “8h 20x”, and at most 30d.');
	}

	return lifetime ? {lifetime_ms: lifetime.lifetimeMs, ...(lifetime.maxUses !== undefined && {max_uses: lifetime.maxUses})} : {};
};

/**
 * Decides a request. What lets an agent go on must name (the beginning of) the fingerprint of what the decider saw; a denial need not: it
 * lets nothing happen.
 */
export const decideEscalation = async ({client, flags, signal}: Call): Promise<Done> => {
	const id = flags.need('escalation-id');
	const choice = flags.need('choice');
	if (!choices.includes(choice)) {
		throw usage(`--choice must be ${choices.join(', ')}, not ${JSON.stringify(choice)}.`);
	}

	const seen = choice === 'deny' ? flags.text('fingerprint') : flags.need('fingerprint');
	if (seen !== undefined && (seen.length < shortestFingerprint || !/^[0-9a-f]+$/.test(seen))) {
		throw usage(`--fingerprint must be at least ${shortestFingerprint} hexadecimal digits, as “escalation show” tells them.`);
	}

	const path = at('escalations', id);
	const fingerprint = fingerprintOf(await client.call({method: 'GET', path, signal}));
	if (seen !== undefined && !fingerprint.startsWith(seen)) {
		throw new CtlFailure('CHANGED', 'What is asked for is not what you saw.', {hint: `Look again: agentctl escalation show ${id}`});
	}

	const body = {choice, fingerprint, ...lifetimeOf(flags), ...given(flags, ['text', 'word', 'scope', 'idempotency-key'])};
	return {answer: await client.call({method: 'POST', path: `${path}/decide`, body, signal})};
};
