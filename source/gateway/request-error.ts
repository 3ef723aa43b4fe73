import type {RefusalCode} from '../../state/refusal.js';

/** Names of the refusals that only the gateway knows, beside those of the state. */
export type GatewayCode =
	| RefusalCode
	| 'UNAUTHORIZED'
	| 'MALFORMED'
	| 'TOO_LARGE'
	| 'UNSUPPORTED_MEDIA_TYPE'
	| 'UNKNOWN_ROUTE'
	| 'CLOSING'
	| 'INTERNAL';

/** A request that gets no answer but this: a status, a stable code and one sentence for a person. */
export class RequestError extends Error {
	override readonly name = 'RequestError';
	readonly status: number;
	readonly code: GatewayCode;
	/** When to come back, for what was asked too often. */
	readonly retryAfterMs: number | undefined;

	constructor(status: number, code: GatewayCode, sentence: string, {retryAfterMs}: {readonly retryAfterMs?: number} = {}) {
		super(sentence);
		this.status = status;
		this.code = code;
		this.retryAfterMs = retryAfterMs;
	}
}

/** The body of every refusal and error. */
export const errorBody = (code: GatewayCode, message: string, retryAfterMs?: number) => ({
	error: {code, message, ...(retryAfterMs !== undefined && {retry_after_ms: retryAfterMs})},
});
