/** The named limits and their values. Over a concurrency limit a run queues; over any other it is refused with the name and value. */
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
	/** How long an escalation waits before it expires. */
	readonly escalationExpiryMs: number;
	/** How long a claimed run may take to start. */
	readonly startTimeoutMs: number;
	/** Between SIGTERM and SIGKILL. */
	readonly stopGraceMs: number;
};

export const defaultLimits: Limits = {
	concurrent: 10,
	concurrentPerTree: 10,
	liveChildren: 5,
	depth: 5,
	sessionsPerRoot: 50,
	queueLength: 1000,
	queuedPerSession: 20,
	openEscalations: 5,
	escalationExpiryMs: 30 * 60_000,
	startTimeoutMs: 60_000,
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
	escalationExpiryMs: 'ms until a request expires',
	startTimeoutMs: 'ms a run may take to start',
	stopGraceMs: 'ms between SIGTERM and SIGKILL',
};
