import {actorName} from '../actor.js';
import type {CommandOf} from '../command.js';
import {type DecisionContext, noAnswer} from '../decision-context.js';
import type {Fact, FactOf} from '../fact.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {currentAttempt, isLive, type Run} from '../run/run.js';
import {lostFacts} from '../run/run-end.js';
import type {State} from '../state.js';

type Heartbeat = CommandOf<'launcher.heartbeat'>;

type Told = Heartbeat['attempts'][number];

export const heartbeatTimes = {
	/** A claimed run may be unknown to its launcher this long: the order to start it is on its way. */
	claimGraceMs: 10_000,
	/** A stopping one may live this much longer than its grace before it is stopped again. */
	stopGraceMs: 10_000,
} as const;

const nameOf = ({runId, generation}: Pick<Told, 'runId' | 'generation'>): string => `${runId}.${generation}`;

const isOnIts = (run: Run, launcherId: string): boolean => isLive(run) && currentAttempt(run)!.launcherId === launcherId;

/** What State believes to run there and the launcher does not have alive. */
const missing = (state: State, {launcherId, attempts}: Heartbeat, nowMs: number): readonly Run[] => {
	const alive = new Set(attempts.filter(({isAlive}) => isAlive).map(nameOf));
	const isUnderWay = (run: Run): boolean => run.state === 'starting' && nowMs - run.sinceMs < heartbeatTimes.claimGraceMs;
	return [...state.index.live]
		.map(id => state.runs[id]!)
		.filter(run => isOnIts(run, launcherId) && !alive.has(nameOf({runId: run.id, generation: run.generation})) && !isUnderWay(run));
};

/** Why State does not want an attempt that lives; `undefined` when it does. */
const whyStray = (state: State, {runId, generation}: Told, launcherId: string, nowMs: number): string | undefined => {
	const run = state.runs[runId];
	if (!run) {
		return 'no such run is known';
	}

	if (generation !== run.generation) {
		return `attempt ${run.generation} is the current one`;
	}

	if (!isLive(run)) {
		return `the run is ${run.state}`;
	}

	if (!isOnIts(run, launcherId)) {
		return `it belongs on ${currentAttempt(run)!.launcherId}`;
	}

	const isOverdue = run.state === 'stopping' && nowMs - run.sinceMs > state.limits.stopGraceMs + heartbeatTimes.stopGraceMs;
	return isOverdue ? 'its stop has not come to an end' : undefined;
};

const strayFacts = (state: State, {launcherId, attempts}: Heartbeat, {nowMs, actor}: DecisionContext): readonly Fact[] => {
	const alive = new Map(attempts.filter(({isAlive}) => isAlive).map(told => [nameOf(told), told]));
	return [...alive.values()].flatMap((told): readonly FactOf<'heartbeat.resolved'>[] => {
		const why = whyStray(state, told, launcherId, nowMs);
		const {runId, generation} = told;
		const sentence = `Attempt ${generation} of ${runId} lives on ${launcherId} and is stopped: ${why}.`;
		const by = actorName(actor);
		return why === undefined
			? []
			: [{type: 'heartbeat.resolved', by, runId, generation, resolution: 'stray-stopped', sentence, atMs: nowMs}];
	});
};

const lossFacts = (state: State, command: Heartbeat, context: DecisionContext): readonly Fact[] => {
	const ending = new Set<string>();
	return missing(state, command, context.nowMs).flatMap((run): readonly Fact[] => {
		const {id: runId, generation} = run;
		const sentence = `Attempt ${generation} of ${runId} is not alive on ${command.launcherId} any more.`;
		const by = actorName(context.actor);
		return [
			{type: 'heartbeat.resolved', by, runId, generation, resolution: 'lost', sentence, atMs: context.nowMs},
			...lostFacts(state, run, 'the launcher no longer has it', {...context, ending}),
		];
	});
};

const whyNotBeat = (state: State, {launcherId}: Heartbeat, {actor}: Pick<DecisionContext, 'actor'>): Refusal | undefined => {
	if (!state.launchers[launcherId]) {
		return refuse('UNKNOWN_LAUNCHER', `There is no launcher ${launcherId}.`);
	}

	return actor.role === 'launcher' && actor.launcherId !== launcherId
		? refuse('FORBIDDEN', `${actorName(actor)} can only tell what lives on itself, not on ${launcherId}.`)
		: undefined;
};

/** A launcher tells what lives on it. Where that differs from State, what really lives is believed, and what is wanted is State's to say. */
export const heartbeatRules: Rules<'launcher.heartbeat'> = {
	'launcher.heartbeat': {
		whyNot: whyNotBeat,
		decide: (state, command, context) => ({
			facts: [...lossFacts(state, command, context), ...strayFacts(state, command, context)],
			answer: noAnswer,
		}),
	},
};
