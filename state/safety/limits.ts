import {matchesGlob} from './glob.js';

/**
 * The named limits and their values. Over a concurrency limit a run queues; over any other it is refused with the name and value.
 * Times of 0 mean: no such limit.
 */
export type Limits = {
	/** Live runs that hold a slot, overall. */
	readonly concurrent: number;
	/** The same within one session tree. */
	readonly concurrentPerTree: number;
	/** Live children of one session. */
	readonly liveChildren: number;
	/** Generations below a root. */
	readonly depth: number;
	/** Sessions one root may ever have below it. */
	readonly sessionsPerRoot: number;
	/** Runs waiting in the queue, overall. */
	readonly queueLength: number;
	/** Messages waiting for one session. */
	readonly queuedPerSession: number;
	/** Open escalations of one session. */
	readonly openEscalations: number;
	/** Decisions that may wait for the operator before dispatch slows down; 0: it never does. */
	readonly pendingDecisions: number;
	/** Attempts started within a minute, overall and of one agent; 0: any number. */
	readonly startsPerMinute: number;
	readonly startsPerMinutePerAgent: number;
	/** Retries within an hour that one tree may cause, so that failing trees cannot storm. */
	readonly retriesPerTreePerHour: number;
	/** The same tool call in a row that is called a loop. */
	readonly repeatedCalls: number;
	/** How long an escalation waits before it expires. */
	readonly escalationExpiryMs: number;
	/** How long a claimed run may take to start. */
	readonly startTimeoutMs: number;
	/** How long a started agent may take to prove that it took its prompt. */
	readonly acceptanceTimeoutMs: number;
	/** How long one attempt may work, without the time it waited. */
	readonly runTimeoutMs: number;
	/** How long a run may wait in the queue. */
	readonly queueTtlMs: number;
	/** How long a run may wait for an agent or launcher with the tags it demands. */
	readonly noMatchMs: number;
	/** How long an agent may be silent before it is called stuck. Silence never ends it. */
	readonly stuckAfterMs: number;
	/** How long children outlive a parent that ended badly. */
	readonly orphanGraceMs: number;
	/** How long a launcher may be away before what ran there counts as lost. */
	readonly launcherGoneMs: number;
	/** Between SIGTERM and SIGKILL. */
	readonly stopGraceMs: number;
};

const minute = 60_000;

export const defaultLimits: Limits = {
	concurrent: 10,
	concurrentPerTree: 10,
	liveChildren: 5,
	depth: 5,
	sessionsPerRoot: 50,
	queueLength: 1000,
	queuedPerSession: 20,
	openEscalations: 5,
	pendingDecisions: 10,
	startsPerMinute: 60,
	startsPerMinutePerAgent: 60,
	retriesPerTreePerHour: 20,
	repeatedCalls: 5,
	escalationExpiryMs: 30 * minute,
	startTimeoutMs: minute,
	acceptanceTimeoutMs: minute,
	runTimeoutMs: 0,
	queueTtlMs: 0,
	noMatchMs: 5 * minute,
	stuckAfterMs: 10 * minute,
	orphanGraceMs: 30_000,
	launcherGoneMs: 2 * minute,
	stopGraceMs: 5000,
};

/** What each limit counts, for tables and refusals. */
export const limitMeaning: Readonly<Record<keyof Limits, string>> = {
	concurrent: 'runs at once',
	concurrentPerTree: 'runs at once in one tree',
	liveChildren: 'live children of one session',
	depth: 'levels below a root',
	sessionsPerRoot: 'sessions ever below one root',
	queueLength: 'runs in the queue',
	queuedPerSession: 'messages waiting for one session',
	openEscalations: 'open requests of one session',
	pendingDecisions: 'requests that may wait before dispatch slows down',
	startsPerMinute: 'starts a minute',
	startsPerMinutePerAgent: 'starts a minute of one agent',
	retriesPerTreePerHour: 'retries an hour in one tree',
	repeatedCalls: 'equal tool calls in a row that are called a loop',
	escalationExpiryMs: 'ms until a request expires',
	startTimeoutMs: 'ms a run may take to start',
	acceptanceTimeoutMs: 'ms an agent may take to take its prompt',
	runTimeoutMs: 'ms an attempt may work',
	queueTtlMs: 'ms a run may wait in the queue',
	noMatchMs: 'ms a run may wait for an agent or launcher with its tags',
	stuckAfterMs: 'ms of silence until an agent is called stuck',
	orphanGraceMs: 'ms that children outlive a parent that ended badly',
	launcherGoneMs: 'ms a launcher may be away before its runs are lost',
	stopGraceMs: 'ms between SIGTERM and SIGKILL',
};

/** What happens to what is over a limit, for those that something can be over. */
export const overLimit: Readonly<Partial<Record<keyof Limits, string>>> = {
	concurrent: 'What is over it waits in the queue.',
	concurrentPerTree: 'What is over it waits in the queue.',
	startsPerMinute: 'What is over it waits in the queue.',
	startsPerMinutePerAgent: 'What is over it waits in the queue.',
	pendingDecisions: 'Over it each open request takes a slot less.',
	retriesPerTreePerHour: 'What is over it is a dead letter.',
	repeatedCalls: 'At it an alert is raised.',
	liveChildren: 'What is over it is refused.',
	depth: 'What is over it is refused.',
	sessionsPerRoot: 'What is over it is refused.',
	queueLength: 'What is over it is refused.',
	queuedPerSession: 'What is over it is refused.',
	openEscalations: 'What is over it is refused.',
};

/** Other limits for the trees whose root's label matches. Only roots count: an agent chooses the labels of its children. */
export type LimitOverride = {readonly label: string; readonly limits: Partial<Limits>};

/** The limits that hold in a tree, by the label of its root; the last override that matches a limit wins. */
export const limitsOfTree = (limits: Limits, overrides: readonly LimitOverride[], rootLabel: string): Limits => {
	const matching = overrides.filter(({label}) => matchesGlob(label, rootLabel));
	return matching.length === 0 ? limits : Object.assign({}, limits, ...matching.map(override => override.limits));
};

/** A limit that is told stale before what it guards had its time would end healthy work. Pairs of guard and guarded. */
const guards: ReadonlyArray<readonly [guard: keyof Limits, guarded: keyof Limits]> = [
	['launcherGoneMs', 'startTimeoutMs'],
	['stuckAfterMs', 'acceptanceTimeoutMs'],
	['orphanGraceMs', 'stopGraceMs'],
];

/** Why these limits cannot be taken: the sentence names both limits and their values. */
export const whyNotLimits = (limits: Limits): string | undefined => {
	const wrong = guards.find(([guard, guarded]) => limits[guard] !== 0 && limits[guard] < limits[guarded]);
	return (
		wrong &&
		`The limit ${wrong[0]} (${limits[wrong[0]]} ms) must not be shorter than ${wrong[1]} (${limits[wrong[1]]} ms), which it guards.`
	);
};
