import {overLimit} from '../../../state/safety/limits.js';
import type {BreakerRow, LimitRow} from '../../../state/view/breaker-rows.js';
import type {BudgetRow} from '../../../state/view/budget-rows.js';
import type {ProviderRow} from '../../../state/view/provider-rows.js';
import type {Tone} from '../theme.js';
import {type Section, type SectionRow, withRest} from './section-table.js';

const nameColumns = (columns: number): number => Math.max(16, Math.min(30, Math.floor(columns / 5)));

/** Breakers, providers and budgets share their columns, so that the eye runs down one line. */
const sharedWidths = (columns: number): readonly number[] => withRest([nameColumns(columns), 9, 10, 14], columns);

const standingTones: Readonly<Record<string, Tone>> = {
	closed: 'good',
	'half-open': 'waiting',
	open: 'failed',
	held: 'failed',
	waits: 'waiting',
	asked: 'waiting',
	denied: 'failed',
	near: 'waiting',
	within: 'good',
};

const stateTone = (text: string, column: string): Tone => (column === 'state' ? (standingTones[text] ?? 'plain') : 'plain');

const countOf = (count: number, word: string): string => (count === 0 ? '' : `${count} ${word}`);

const breakerRow = ({id, state, count, next, cause, sentence}: BreakerRow): SectionRow => ({
	id,
	cells: [id, state, count, next, cause],
	brief: `${id} ${state} ${count}`,
	sentence,
});

/** The circuit breakers of agents, providers and launchers. */
export const breakerSection = (rows: readonly BreakerRow[]): Section => ({
	noun: 'breaker',
	columns: ['state', 'count', 'next', 'cause'],
	widths: sharedWidths,
	toneOf: stateTone,
	rows: rows.map(breakerRow),
	summary: countOf(rows.filter(({state}) => state !== 'closed').length, 'not closed'),
});

const strikesText = (strikes: number): string => (strikes === 1 ? 'once' : `${strikes} times`);

const timeText = (atMs: number): string => {
	const at = new Date(atMs);
	return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
};

/** The providers that told us to wait, with what they said. */
export const providerSection = (rows: readonly ProviderRow[], goOnKey: string): Section => ({
	noun: 'provider',
	columns: ['state', 'told us', 'next', 'words'],
	widths: sharedWidths,
	toneOf: stateTone,
	rows: rows.map(({id, provider, untilMs, next, strikes, words, sentence}) => ({
		id,
		cells: [provider, 'waits', strikesText(strikes), next, words],
		brief: `${provider} waits, ${next}`,
		sentence: `${sentence} It goes on at ${timeText(untilMs)}; ${goOnKey} lets it go on now.`,
	})),
	summary: countOf(rows.length, 'waited for'),
});

const standingWord = (standing: BudgetRow['standing']): string => (standing === 'open' ? 'within' : standing);

/** The budgets, of the fleet and of whatever trees and sessions have any. */
export const budgetSection = (rows: readonly BudgetRow[], requestsKey: string): Section => ({
	noun: 'budget',
	columns: ['state', 'used', 'of', 'what'],
	widths: sharedWidths,
	toneOf: stateTone,
	rows: rows.map(({id, scope, standing, used, of, what, escalationId, sentence}) => ({
		id,
		cells: [scope, standingWord(standing), used, of, what],
		brief: `${scope} ${standingWord(standing)} ${used} of ${of}, ${what}`,
		sentence: escalationId === undefined ? sentence : `${sentence} ${requestsKey} shows the request.`,
	})),
	summary: countOf(rows.filter(({standing}) => standing === 'asked' || standing === 'denied' || standing === 'held').length, 'used up'),
});

const isTime = ({name}: LimitRow): boolean => name.endsWith('Ms');

const isOff = (row: LimitRow): boolean => row.value === 0 && (isTime(row) || row.name.startsWith('starts'));

/** A length of time in whole seconds; anything else as it is. */
const valueText = (row: LimitRow): string => (isOff(row) ? 'off' : isTime(row) ? `${row.value / 1000} s` : String(row.value));

const meaningText = ({meaning}: LimitRow): string => meaning.replace(/^ms /, 'time ');

const limitSentence = (row: LimitRow): string => {
	const now = row.used === undefined ? '' : ` ${row.used} now, where it is fullest.`;
	const rule = overLimit[row.name];
	return `${row.name} is ${valueText(row)}: ${meaningText(row)}.${now}${rule === undefined ? '' : ` ${rule}`}`;
};

const limitTone = (text: string, column: string): Tone => (column === 'now' && text.endsWith('full') ? 'waiting' : 'plain');

/** The named limits, and where the fleet stands against each. */
export const limitSection = (rows: readonly LimitRow[]): Section => ({
	noun: 'limit',
	columns: ['counts', 'now', 'of'],
	widths: columns => [25, withRest([25, 9, 6], columns).at(-1)!, 9, 6],
	toneOf: limitTone,
	rows: rows.map(row => {
		const now = row.used === undefined ? '' : `${row.used}${row.isReached ? ' full' : ''}`;
		return {
			id: row.id,
			cells: [row.name.replace(/Ms$/, ''), meaningText(row), now, valueText(row)],
			brief: now === '' ? `${row.name} ${valueText(row)}` : `${row.name} ${now} of ${valueText(row)}`,
			sentence: limitSentence(row),
		};
	}),
	summary: countOf(rows.filter(({isReached}) => isReached).length, 'full'),
});
