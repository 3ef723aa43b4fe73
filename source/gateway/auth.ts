import {timingSafeEqual} from 'node:crypto';
import type {IncomingMessage} from 'node:http';
import os from 'node:os';
import type {Actor} from '../../state/actor.js';
import {currentAttempt, isEnded} from '../../state/run/run.js';
import type {State} from '../../state/state.js';
import {sha256} from '../digest.js';
import type {TokenBearer, Tokens} from '../run-token.js';
import {RequestError} from './request-error.js';

/** Who is at the door: the actor its commands are sent as, and for an agent the attempt its token was made for. */
export type Caller = {
	readonly actor: Extract<Actor, {readonly role: 'operator' | 'agent'}>;
	/** Set for an agent. */
	readonly attempt?: {readonly runId: string; readonly generation: number};
};

const longestToken = 512;

const operatorName = (): string => {
	try {
		return os.userInfo().username;
	} catch {
		return 'operator';
	}
};

const bearerToken = (header: string | undefined): string => {
	const token = /^bearer +(\S+)$/i.exec(header ?? '')?.[1];
	if (token === undefined || token.length > longestToken) {
		throw new RequestError(401, 'UNAUTHORIZED', 'This needs a token: send the header “Authorization: Bearer TOKEN”.');
	}

	return token;
};

/** Compares with every token, always all of them, by digests of one length. */
const isOneOf = (token: string, tokens: readonly string[]): boolean => {
	const digest = Buffer.from(sha256(token));
	return tokens.map(other => timingSafeEqual(digest, Buffer.from(sha256(other)))).includes(true);
};

/** Why an agent's token is good for nothing any more; `undefined` while its attempt is the current one and alive. */
export const whyNotAttempt = (state: State, {runId, generation}: NonNullable<Caller['attempt']>): string | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return `The token is of run ${runId}, which does not exist here.`;
	}

	if (run.generation !== generation) {
		return `The token is of attempt ${generation} of ${runId}; attempt ${run.generation} is the current one.`;
	}

	const isOver = isEnded(run) || currentAttempt(run)?.endedAtMs !== undefined;
	return isOver ? `The token is of attempt ${generation} of ${runId}, which has ended.` : undefined;
};

/**
 * Who a request comes from, by its token alone: what it says about itself is not read. Throws a `RequestError` (401) for no token or
 * an unknown one, and 403 for that of an attempt that is over.
 */
export const createAuth = ({
	tokens,
	extraOperatorTokens,
	getState,
}: {
	tokens: Tokens;
	extraOperatorTokens: readonly string[];
	getState: () => State;
}) => {
	const operator: Caller = {actor: {role: 'operator', name: operatorName()}};
	const bearerOf = (token: string): TokenBearer | undefined => {
		const known = tokens.bearer(token);
		return isOneOf(token, extraOperatorTokens) ? {role: 'operator'} : known;
	};

	return ({headers}: Pick<IncomingMessage, 'headers'>): Caller => {
		const bearer = bearerOf(bearerToken(headers.authorization));
		if (!bearer) {
			throw new RequestError(401, 'UNAUTHORIZED', 'The token is not known here.');
		}

		if (bearer.role === 'operator') {
			return operator;
		}

		const {runId, generation} = bearer;
		const sentence = whyNotAttempt(getState(), {runId, generation});
		if (sentence !== undefined) {
			throw new RequestError(403, 'FORBIDDEN', sentence);
		}

		return {actor: {role: 'agent', runId}, attempt: {runId, generation}};
	};
};
