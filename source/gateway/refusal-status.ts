import type {Command} from '../../state/command.js';
import type {Refusal, RefusalCode} from '../../state/refusal.js';

const statuses: Readonly<Partial<Record<RefusalCode, number>>> = {
	UNKNOWN_SESSION: 404,
	UNKNOWN_RUN: 404,
	UNKNOWN_AGENT: 404,
	UNKNOWN_ESCALATION: 404,
	UNKNOWN_LAUNCHER: 404,
	UNKNOWN_BREAKER: 404,
	UNKNOWN_PROVIDER: 404,
	UNKNOWN_ALERT: 404,
	UNKNOWN_GRANT: 404,
	FORBIDDEN: 403,
	READ_ONLY: 403,
	RATE_LIMITED: 429,
	INVALID: 422,
	NOT_ARMED: 422,
	STORE_FAILED: 507,
};

/** The HTTP status of a refusal: 409 unless its code says otherwise. Asking a person too often is 429, any other limit a conflict. */
export const refusalStatus = ({code}: Refusal, commandType?: Command['type']): number =>
	code === 'LIMIT_REACHED' && commandType?.startsWith('escalation.') ? 429 : (statuses[code] ?? 409);
