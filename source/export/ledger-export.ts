import type {LedgerEntry} from '../../state/escalation/ledger.js';
import {visible} from '../../state/view/visible.js';
import {duration, isoMoment, moment} from './moments.js';
import {createRedact} from './redact.js';

/** The forms the ledger is exported in. */
export type LedgerForm = 'md' | 'jsonl';

const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu;

const spelt = (character: string): string =>
	Array.from({length: character.length}, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** What an entry is for programs: names in snake case, times in ISO 8601; members are only ever added. */
const recordOf = (entry: LedgerEntry) => ({
	type: 'decision',
	schema: 1,
	id: entry.id,
	kind: entry.kind,
	outcome: entry.outcome,
	by: entry.by,
	run_id: entry.runId,
	session_id: entry.sessionId,
	who: entry.who,
	agent: entry.agent,
	folder: entry.folder,
	text: entry.text,
	payload: entry.payload,
	found: entry.found,
	fingerprint: entry.fingerprint,
	risk: entry.risk,
	raised_at: isoMoment(entry.raisedAtMs),
	closed_at: isoMoment(entry.closedAtMs),
	waited_ms: entry.waitedMs,
	answer: entry.decision?.text,
	scope: entry.decision?.scope,
	grant_id: entry.decision?.grantId,
	policy: entry.decision?.policy,
	shown_at: entry.shown && isoMoment(entry.shown.atMs),
	frame_sha256: entry.shown?.frame,
	frame_size: entry.shown && `${entry.shown.columns}x${entry.shown.rows}`,
	frame: entry.shown?.text,
	delivered_at: entry.deliveredAtMs === undefined ? undefined : isoMoment(entry.deliveredAtMs),
});

const indented = (text: string): string =>
	text
		.split('\n')
		.map(line => `    ${visible(line)}`)
		.join('\n');

const readable = (entry: LedgerEntry): string => {
	const {payload, decision, shown} = entry;
	const what = payload?.argv?.map(arg => `'${arg}'`).join(' ') ?? payload?.tool ?? entry.text;
	const facts = [
		`${entry.outcome} by ${visible(entry.by)} at ${moment(entry.closedAtMs)}, waited ${duration(entry.waitedMs)}`,
		`asked by ${entry.who.map(label => visible(label)).join(' › ')} (${visible(entry.agent)}) in ${visible(payload?.cwd ?? entry.folder)}${entry.risk === undefined ? '' : `, risk ${entry.risk}`}`,
		...(decision?.policy ? [`policy ${decision.policy.name}, rule ${visible(decision.policy.rule)}`] : []),
		...(decision?.grantId === undefined ? [] : [`grant ${decision.grantId}${decision.scope ? `, for ${decision.scope}` : ''}`]),
		...(decision?.text === undefined ? [] : [`said: ${visible(decision.text)}`]),
		decision?.choice === 'approve' && entry.deliveredAtMs === undefined ? 'outcome unknown: never seen to reach the agent' : undefined,
		shown ? `shown ${moment(shown.atMs)} at ${shown.columns}×${shown.rows}, digest ${shown.frame}` : 'shown to nobody',
	].filter(line => line !== undefined);
	const frame = shown?.text === undefined ? '' : `\n\n${indented(shown.text)}`;
	return `## ${entry.id}\n\n${indented(what)}\n\n${facts.map(fact => `- ${fact.replaceAll(/[<>`*_[\]]/g, String.raw`\$&`)}`).join('\n')}${frame}\n`;
};

/** The ledger as text, newest first: for people, or one JSON object a line. Secrets are taken out before anything is quoted. */
export async function* ledgerChunks(
	entries: readonly LedgerEntry[],
	{form, secrets}: {readonly form: LedgerForm; readonly secrets: readonly string[]},
): AsyncGenerator<string> {
	const redact = createRedact(secrets);
	if (form === 'md') {
		yield `# Decisions\n\n${entries.length} entries, newest first.\n\n`;
	}

	for (const entry of entries) {
		yield form === 'md'
			? `${redact(readable(entry))}\n`
			: `${JSON.stringify(recordOf(entry), (_, value: unknown) => (typeof value === 'string' ? redact(value) : value)).replaceAll(unseen, spelt)}\n`;
	}
}
