import type {FastifyRequest} from 'fastify';
import {fullBucket, type RateLimit, retryAfterMs, type TokenBucket, takeToken} from '../../state/queue/rate.js';
import type {Caller} from './auth.js';
import {RequestError} from './request-error.js';

/** What an agent's own program does without the agent asking for it, and the outside of calls that are counted inside. */
const unmetered = new Set(['/runs/:id/hook', '/runs/:id/reports', '/mcp']);

/** Attempts whose calls are remembered; beyond this the ones that are full again are forgotten. */
const mostKept = 1000;

/** What one attempt has left, and the calls that hold a token until they come back, each with when it is due. */
type Account = {bucket: TokenBucket; readonly reserved: Map<string, number>};

/** A call that comes back is recognised by what it asks for. */
const nameOf = ({method, url}: FastifyRequest): string => `${method} ${url}`.slice(0, 500);

/**
 * Lets each attempt's agent call so often a minute, and no oftener: throws a `RequestError` (429) that says when to come back. A call that
 * is put off has its token reserved, so that those who wait are served in the order in which they came. Operators are not counted.
 */
export const createCallRate = ({perMinute, now}: {perMinute: number; now: () => number}) => {
	const limit: RateLimit = {perMinute, burst: perMinute};
	const accounts = new Map<string, Account>();

	const forgetFull = (nowMs: number): void => {
		for (const [key, {bucket}] of accounts) {
			if (nowMs - bucket.atMs > 60_000 * 2) {
				accounts.delete(key);
			}
		}
	};

	const accountOf = (key: string, nowMs: number): Account => {
		if (accounts.size > mostKept) {
			forgetFull(nowMs);
		}

		const account = accounts.get(key) ?? {bucket: fullBucket(limit, nowMs), reserved: new Map()};
		accounts.set(key, account);
		return account;
	};

	/** How long the call has to wait; 0 when it may go on. */
	const waitMs = (account: Account, name: string, nowMs: number): number => {
		const dueMs = account.reserved.get(name);
		if (dueMs !== undefined && dueMs > nowMs) {
			return dueMs - nowMs;
		}

		if (dueMs !== undefined) {
			account.reserved.delete(name);
			return 0;
		}

		const afterMs = retryAfterMs(account.bucket, limit, nowMs);
		// A caller that never comes back must not hold tokens for ever, so only so many may wait.
		const isCrowded = afterMs > 0 && account.reserved.size >= perMinute;
		if (isCrowded) {
			return afterMs;
		}

		account.bucket = takeToken(account.bucket, limit, nowMs);
		if (afterMs > 0) {
			account.reserved.set(name, nowMs + afterMs);
		}

		return afterMs;
	};

	return ({attempt}: Caller, request: FastifyRequest): void => {
		const isCounted = attempt !== undefined && perMinute > 0 && !unmetered.has(request.routeOptions.url ?? '');
		if (!isCounted) {
			return;
		}

		const nowMs = now();
		const account = accountOf(`${attempt.runId}.${attempt.generation}`, nowMs);
		for (const [name, dueMs] of account.reserved) {
			if (dueMs < nowMs - 60_000) {
				account.reserved.delete(name);
			}
		}

		const retryMs = waitMs(account, nameOf(request), nowMs);
		if (retryMs > 0) {
			const sentence = `An agent may call ${perMinute} times a minute; come back in ${Math.ceil(retryMs / 1000)} s.`;
			throw new RequestError(429, 'RATE_LIMITED', sentence, {retryAfterMs: retryMs});
		}
	};
};
