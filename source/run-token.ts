import {createHmac, randomBytes, timingSafeEqual} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {systemErrorCode} from './errors.js';

/** Who a bearer token speaks for. */
export type TokenBearer = {readonly role: 'operator'} | {readonly role: 'agent'; readonly runId: string; readonly generation: number};

/**
 * The tokens of one state folder. The operator's lies in a file of mode 0600; an attempt's is derived from that secret and the attempt's
 * name, so that it stays good after a restart without being stored anywhere but in the file its agent gets.
 */
export type Tokens = {
	readonly operator: string;
	ofAttempt(attempt: {readonly runId: string; readonly generation: number}): string;
	/** Who a token speaks for; `undefined` for a forged or foreign one. Takes the same time for any wrong token of the same length. */
	bearer(token: string): TokenBearer | undefined;
};

const isEqual = (a: string, b: string): boolean => {
	const left = Buffer.from(a);
	const right = Buffer.from(b);
	return left.length === right.length && timingSafeEqual(left, right);
};

const readOrCreate = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') {
			throw error;
		}
	}

	mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
	const secret = randomBytes(32).toString('base64url');
	writeFileSync(file, `${secret}\n`, {mode: 0o600, flag: 'wx'});
	return secret;
};

/** Opens the tokens of a state folder, making the operator's secret on first use. */
export const openTokens = (operatorTokenFile: string): Tokens => {
	const operator = readOrCreate(operatorTokenFile);
	const ofAttempt: Tokens['ofAttempt'] = ({runId, generation}) => {
		const name = `${runId}.${generation}`;
		return `${name}.${createHmac('sha256', operator).update(name).digest('base64url')}`;
	};

	return {
		operator,
		ofAttempt,
		bearer(token) {
			if (isEqual(token, operator)) {
				return {role: 'operator'};
			}

			const [runId, generation] = token.split('.');
			if (runId === undefined || generation === undefined || !/^\d+$/.test(generation)) {
				return undefined;
			}

			const attempt = {runId, generation: Number(generation)};
			return isEqual(token, ofAttempt(attempt)) ? {role: 'agent', ...attempt} : undefined;
		},
	};
};
