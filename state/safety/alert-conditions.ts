import {isUnresponsive} from '../agent/agent-machine.js';
import {queueLength} from '../queue/queue-order.js';
import {currentAttempt, type Run} from '../run/run.js';
import {screenRun} from '../session/session.js';
import type {State} from '../state.js';
import {quotedName, quotedWords} from '../view/quoted-name.js';
import type {AlertLevel} from './alert.js';
import type {Breaker} from './breaker.js';
import type {BudgetHold} from './budget.js';
import {amountInWords, isHeld, liveBudgets, scopeInWords, softShare} from './budget-check.js';
import {holdKey} from './budget-hold.js';
import {limitsOf} from './limits-of-state.js';
import {isOverheadHigh, overheadShare} from './overhead.js';
import {isProviderPaused} from './provider-pause.js';
import {usageOf} from './usage-of-state.js';

/** Something that somebody should know of, as long as it holds. */
export type AlertCondition = {
	readonly key: string;
	readonly level: AlertLevel;
	readonly sentence: string;
	/** Since when it holds, where State knows it. */
	readonly sinceMs?: number;
};

/** A queue this full will soon refuse. */
const fullShare = 0.9;

const nameOf = (state: State, {sessionId}: Run): string => quotedName(state.sessions[sessionId]!.label);

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const breakerCondition = (name: string, breaker: Breaker): AlertCondition | undefined => {
	const key = `breaker:${name}`;
	switch (breaker.state) {
		case 'open': {
			return {key, level: 'warning', sentence: `The breaker ${quotedName(name)} is open: ${breaker.cause}.`, sinceMs: breaker.openedAtMs};
		}

		// Not over yet: a probe decides, and another failure must be no second episode.
		case 'half-open': {
			return {key, level: 'warning', sentence: `The breaker ${quotedName(name)} is half open: ${breaker.cause}.`};
		}

		case 'held': {
			return {key, level: 'notice', sentence: `${breaker.by} holds the breaker ${quotedName(name)} open.`, sinceMs: breaker.heldAtMs};
		}

		case 'closed': {
			return undefined;
		}
	}
};

const breakers = (state: State): readonly AlertCondition[] =>
	Object.entries(state.breakers).flatMap(([name, breaker]) => breakerCondition(name, breaker) ?? []);

const launchers = (state: State): readonly AlertCondition[] =>
	Object.values(state.launchers).flatMap(({id, host, state: at, sinceMs}): readonly AlertCondition[] => {
		const runs = at === 'offline' ? [...state.index.live].filter(run => currentAttempt(state.runs[run]!)?.launcherId === id).length : 0;
		const sentence = `The launcher ${id} on ${quotedName(host)} is away with ${plural(runs, 'run', 'runs')}.`;
		return runs === 0 ? [] : [{key: `launcher:${id}`, level: 'urgent', sentence, sinceMs}];
	});

const ofRun = (state: State, run: Run): readonly AlertCondition[] => {
	const {repeatedCalls} = limitsOf(state, state.sessions[run.sessionId]);
	const {stuckSinceMs, calls} = run;
	const isLoop = repeatedCalls > 0 && calls !== undefined && calls.count >= repeatedCalls;
	return [
		...(stuckSinceMs === undefined
			? []
			: [
					{
						key: `stuck:${run.id}`,
						level: 'warning',
						sentence: `${nameOf(state, run)} looks stuck: it has been silent for too long.`,
						sinceMs: stuckSinceMs,
					} as const,
				]),
		...(isLoop
			? [
					{
						key: `loop:${run.id}`,
						level: 'warning',
						sentence: `${nameOf(state, run)} makes the same call again and again: ${quotedWords(calls.summary)}.`,
					} as const,
				]
			: []),
	];
};

const runs = (state: State): readonly AlertCondition[] => [...state.index.live].flatMap(id => ofRun(state, state.runs[id]!));

const unresponsive = (state: State): readonly AlertCondition[] =>
	[...state.index.lines.keys()].flatMap((id): readonly AlertCondition[] => {
		const session = state.sessions[id]!;
		const run = state.agents[session.agent]?.provesAcceptance ? screenRun(state, session) : undefined;
		const sentence = `The agent of ${quotedName(session.label)} does not respond: it never took its prompt.`;
		return run && isUnresponsive(state, run) ? [{key: `unresponsive:${id}`, level: 'warning', sentence}] : [];
	});

const heldBudget = (state: State, hold: BudgetHold): AlertCondition => ({
	key: `budget:${holdKey(hold)}`,
	level: hold.scope === 'all' ? 'urgent' : 'warning',
	sentence: `${scopeInWords(state, hold.scope)} has used up its ${amountInWords(hold.measure, hold.limit)}; nothing of it starts.`,
	sinceMs: hold.atMs,
});

const budgets = (state: State, nowMs: number): readonly AlertCondition[] => [
	...Object.values(state.budgetHolds)
		.filter(hold => hold.measure !== 'runsPerHour' && isHeld(state, hold))
		.map(hold => heldBudget(state, hold)),
	...liveBudgets(state, nowMs)
		.filter(budget => budget.used >= budget.line * softShare && budget.used < budget.line && !isHeld(state, budget))
		.map(
			budget =>
				({
					key: `budget-soon:${holdKey(budget)}`,
					level: 'notice',
					sentence: `${scopeInWords(state, budget.scope)} has used most of its ${amountInWords(budget.measure, budget.line)}.`,
				}) as const,
		),
];

const providers = (state: State, nowMs: number): readonly AlertCondition[] =>
	Object.keys(state.providers)
		.filter(provider => isProviderPaused(state, provider, nowMs))
		.map(provider => ({
			key: `provider:${provider}`,
			level: 'notice',
			sentence: `${quotedName(provider)} told us to wait: ${quotedWords(state.providers[provider]!.sentence)}.`,
		}));

/** What concerns the fleet as a whole: its queue, its dead letters, its operator, what coordinating costs. */
const fleet = (state: State): readonly AlertCondition[] => {
	const {limits, index} = state;
	const queued = queueLength(state);
	const decisions = index.openEscalations.size;
	const usage = usageOf(state, 'all');
	const conditions: ReadonlyArray<AlertCondition & {readonly holds: boolean}> = [
		{
			key: 'queue',
			level: 'warning',
			sentence: `The queue is nearly full: it takes ${limits.queueLength} runs.`,
			holds: limits.queueLength > 0 && queued >= limits.queueLength * fullShare,
		},
		{
			key: 'dead-letters',
			level: 'warning',
			sentence: 'There are dead letters: runs that were given up and wait for you.',
			holds: index.dead.size > 0,
		},
		{
			key: 'decisions',
			level: 'warning',
			sentence: `More than ${plural(limits.pendingDecisions, 'decision waits', 'decisions wait')} for you; fewer runs start until then.`,
			holds: limits.pendingDecisions > 0 && decisions > limits.pendingDecisions,
		},
		{
			key: 'overhead',
			level: 'notice',
			sentence: `Coordinating takes ${Math.round(overheadShare(usage) * 100)} % of all tokens.`,
			holds: isOverheadHigh(usage),
		},
	];
	return conditions.flatMap(({holds, ...condition}) => (holds ? [condition] : []));
};

/** Everything that somebody should know of now, from State alone; each key at most once. */
export const alertConditions = (state: State, nowMs: number): readonly AlertCondition[] => [
	...breakers(state),
	...launchers(state),
	...runs(state),
	...unresponsive(state),
	...budgets(state, nowMs),
	...providers(state, nowMs),
	...fleet(state),
];
