import type {Escalation} from '../escalation/escalation.js';
import type {Run} from '../run/run.js';

const prime = 0x01_00_01_93;
const firstBasis = 0x81_1c_9d_c5;

/** FNV-1a of the text in 8 hex digits, from a basis of its own for each of the parts. */
const partOf = (text: string, part: number): string => {
	let hash = (firstBasis ^ Math.imul(part + 1, prime)) >>> 0;
	for (let at = 0; at < text.length; at += 1) {
		hash = Math.imul(hash ^ text.charCodeAt(at), prime) >>> 0;
	}

	return hash.toString(16).padStart(8, '0');
};

/**
 * A name of 64 hex digits for a request of the system's own. Nothing rests on its strength: nobody else writes such requests, and
 * its id is part of it.
 */
export const systemFingerprint = (text: string): string => Array.from({length: 8}, (_, part) => partOf(text, part)).join('');

/** A request that nobody's agent made: the rules themselves ask about a run. It holds nobody, and it is only words: nothing would be run. */
export const systemRequest = (
	{
		id,
		run,
		kind,
		text,
		lastsMs,
	}: {
		readonly id: string;
		readonly run: Run;
		readonly kind: 'stuck' | 'budget';
		readonly text: string;
		readonly lastsMs: number;
	},
	nowMs: number,
): Escalation => ({
	id,
	runId: run.id,
	sessionId: run.sessionId,
	generation: run.generation,
	kind,
	text,
	blocking: false,
	raisedAtMs: nowMs,
	expiresAtMs: nowMs + lastsMs,
	fingerprint: systemFingerprint(`${kind} ${id} ${text}`),
	state: 'open',
});
