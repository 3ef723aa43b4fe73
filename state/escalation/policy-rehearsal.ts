import type {LedgerEntry} from './ledger.js';
import {type Policy, policyVerdict, type Verdict} from './policy.js';

/** A request that other policies would have answered otherwise than it was. */
export type RehearsedDifference = {
	readonly entry: LedgerEntry;
	readonly verdict: Verdict;
	/** `allows-denied` is the one to fear: a person had said no. */
	readonly what: 'allows-denied' | 'denies-approved' | 'allows-unanswered' | 'denies-unanswered' | 'asks-again';
};

export type Rehearsal = {
	/** How many entries were approvals, and what the policies say to them. */
	readonly count: number;
	readonly allow: number;
	readonly deny: number;
	readonly ask: number;
	/** Of those a person decided, how many the policies would have decided just so. */
	readonly spared: number;
	readonly decided: {readonly approved: number; readonly denied: number; readonly unanswered: number};
	/** Newest first, as the entries are. */
	readonly differences: readonly RehearsedDifference[];
};

const isGraded = ({kind}: LedgerEntry): boolean => kind === 'approval' || kind === 'permission';

/** Whether a policy or a grant decided it, and not a person. */
export const isAutomatic = ({decision}: Pick<LedgerEntry, 'decision'>): boolean =>
	decision?.policy !== undefined || (decision?.grantId !== undefined && decision.scope === undefined);

const verdictOn = (policies: readonly Policy[], entry: LedgerEntry): Verdict => {
	const {agent, policyName, folder, who, above} = entry;
	return policyVerdict(policies, entry, {agent, policyName, folder, rootLabel: who[0] ?? '', ...(above && {above})});
};

const differenceOf = (entry: LedgerEntry, {answer}: Verdict): RehearsedDifference['what'] | undefined => {
	const {outcome} = entry;
	if (outcome === 'approved') {
		return answer === 'deny' ? 'denies-approved' : answer === 'ask' && isAutomatic(entry) ? 'asks-again' : undefined;
	}

	if (outcome === 'denied') {
		return answer === 'allow' ? 'allows-denied' : answer === 'ask' && isAutomatic(entry) ? 'asks-again' : undefined;
	}

	return answer === 'allow' ? 'allows-unanswered' : answer === 'deny' ? 'denies-unanswered' : undefined;
};

/** What these policies would have answered to everything the ledger knows, beside what was decided. */
export const rehearse = (policies: readonly Policy[], entries: readonly LedgerEntry[]): Rehearsal => {
	const asked = entries.filter(isGraded).map(entry => ({entry, verdict: verdictOn(policies, entry)}));
	const countOf = (answer: Verdict['answer']): number => asked.filter(({verdict}) => verdict.answer === answer).length;
	const outcomes = (outcome: LedgerEntry['outcome']): number => asked.filter(({entry}) => entry.outcome === outcome).length;
	const approved = outcomes('approved');
	const denied = outcomes('denied');
	return {
		count: asked.length,
		allow: countOf('allow'),
		deny: countOf('deny'),
		ask: countOf('ask'),
		spared: asked.filter(
			({entry, verdict}) =>
				!isAutomatic(entry) &&
				((entry.outcome === 'approved' && verdict.answer === 'allow') || (entry.outcome === 'denied' && verdict.answer === 'deny')),
		).length,
		decided: {approved, denied, unanswered: asked.length - approved - denied},
		differences: asked.flatMap(({entry, verdict}) => {
			const what = differenceOf(entry, verdict);
			return what ? [{entry, verdict, what}] : [];
		}),
	};
};

/** Whether the policies would let happen what a person had refused. */
export const allowsDenied = ({differences}: Rehearsal): boolean =>
	differences.some(({what, entry}) => what === 'allows-denied' && !isAutomatic(entry));
