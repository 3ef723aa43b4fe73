import type {Json} from '../json.js';
import type {EscalationKind, EscalationPayload} from './escalation.js';

/** JSON with keys in one order, so that equal values give equal text. */
export const canonicalJson = (value: Json | undefined): string => {
	if (Array.isArray(value)) {
		return `[${value.map(item => canonicalJson(item as Json)).join(',')}]`;
	}

	if (value !== null && typeof value === 'object') {
		const entries = Object.entries(value as Readonly<Record<string, Json | undefined>>)
			.filter(([, item]) => item !== undefined)
			.sort(([a], [b]) => (a < b ? -1 : 1));
		return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
	}

	return JSON.stringify(value ?? null);
};

/** The text whose SHA-256 is an escalation's fingerprint: all that the operator was asked to allow. */
export const canonicalPlan = (plan: {
	readonly runId: string;
	readonly generation: number;
	readonly kind: EscalationKind;
	readonly text: string;
	readonly payload?: EscalationPayload | undefined;
}): string => canonicalJson(plan as unknown as Json);
