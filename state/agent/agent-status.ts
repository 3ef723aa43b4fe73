import {shortAge} from '../view/age.js';

/** What an agent is doing. */
export type AgentActivity = 'starting' | 'working' | 'blocked' | 'idle' | 'done' | 'error' | 'exited';

export const agentActivities: readonly AgentActivity[] = ['starting', 'working', 'blocked', 'idle', 'done', 'error', 'exited'];

/** What a blocked agent waits for. */
export type BlockedKind = 'permission' | 'question' | 'auth';

/** Who says so, from the most to the least trusted: `statusSources` has them in that order. */
export type StatusSource = 'hook' | 'protocol' | 'osc' | 'title' | 'screen' | 'process' | 'guess';

/**
 * What an agent is doing and why we think so. A hint for the eye: nothing is ever authorised from it, since most sources are
 * text that an agent may write at will.
 */
export type AgentStatus = {
	readonly activity: AgentActivity;
	readonly kind?: BlockedKind;
	readonly source: StatusSource;
	/** From 0 (no idea) to 1 (told by the agent itself). */
	readonly confidence: number;
	/** Since when it has been doing this, whoever said so first. */
	readonly sinceMs: number;
	/** When the source said so last. */
	readonly seenMs: number;
	/** What was seen, in words; may hold an agent's text, so it is untrusted. */
	readonly evidence: string;
};

/** What a source says now: a status that begins with it. */
export type StatusReport = Omit<AgentStatus, 'sinceMs' | 'seenMs'> & {readonly atMs: number};

/** From the most to the least trusted. */
export const statusSources: readonly StatusSource[] = ['hook', 'protocol', 'osc', 'title', 'screen', 'process', 'guess'];

/** How long a source may be silent before a weaker one is heard instead. */
export const statusLifetimeMs: Readonly<Record<StatusSource, number>> = {
	hook: 60_000,
	protocol: 120_000,
	osc: 120_000,
	title: 60_000,
	screen: 30_000,
	process: 10_000,
	guess: 0,
};

/** Output within so many milliseconds is taken for work; longer silence for idleness. */
export const guessedWorkingMs = 5000;

const rankOf = (source: StatusSource): number => statusSources.indexOf(source);

/** The process is gone: no screen or title of it means anything any more. */
const hasExited = ({activity, source}: AgentStatus): boolean => activity === 'exited' && source === 'process';

/** Only work may end unheard. A guess from silence says nothing about an agent that waits, or has come to its end. */
const mayBeGuessedAway = ({activity}: AgentStatus): boolean => activity === 'starting' || activity === 'working';

const givesWay = (current: AgentStatus, next: AgentStatus, nowMs: number): boolean => {
	const isSilent = nowMs - current.seenMs > statusLifetimeMs[current.source];
	const isNewer = next.seenMs >= current.seenMs;
	return isSilent && isNewer && (next.source !== 'guess' || mayBeGuessedAway(current));
};

const holds = (current: AgentStatus, next: AgentStatus, nowMs: number): boolean => {
	if (hasExited(current) || hasExited(next)) {
		return next.source === 'process';
	}

	return rankOf(next.source) <= rankOf(current.source) || givesWay(current, next, nowMs);
};

/**
 * Which of two statuses holds at `nowMs`. The same or a more trusted source replaces the current one; a less trusted one only once
 * the current source has been silent for longer than its lifetime. A process that exited is no longer argued about, except by a
 * new process. `sinceMs` stays when the activity stays.
 */
export const statusAfter = (current: AgentStatus | undefined, next: AgentStatus, nowMs: number): AgentStatus => {
	if (current === undefined) {
		return next;
	}

	if (!holds(current, next, nowMs)) {
		return current;
	}

	return next.activity === current.activity ? {...next, sinceMs: Math.min(current.sinceMs, next.sinceMs)} : next;
};

/** A report as a status that began with it. */
export const statusOf = ({atMs, ...report}: StatusReport): AgentStatus => ({...report, sinceMs: atMs, seenMs: atMs});

/** What each source said last. */
export type StatusRecords = Readonly<Partial<Record<StatusSource, AgentStatus>>>;

/** The records after a source spoke: it replaces what that source said before. */
export const withRecord = (records: StatusRecords, next: AgentStatus): StatusRecords => {
	const before = records[next.source];
	const isSame = before?.activity === next.activity;
	return {...records, [next.source]: isSame ? {...next, sinceMs: Math.min(before.sinceMs, next.sinceMs)} : next};
};

/** The records without what these sources said: they took it back. */
export const withoutRecords = (records: StatusRecords, ...sources: readonly StatusSource[]): StatusRecords =>
	Object.fromEntries(Object.entries(records).filter(([source]) => !sources.includes(source as StatusSource)));

/** Which of all records holds at `nowMs`; undefined when nobody said anything. */
export const heldStatus = (records: StatusRecords, nowMs: number): AgentStatus | undefined =>
	statusSources
		.map(source => records[source])
		.filter(record => record !== undefined)
		.reduce<AgentStatus | undefined>((current, next) => statusAfter(current, next, nowMs), undefined);

/** The last resort, from output alone. */
export const guessedStatus = ({lastOutputAtMs, nowMs}: {readonly lastOutputAtMs: number; readonly nowMs: number}): AgentStatus => {
	const silentMs = Math.max(0, nowMs - lastOutputAtMs);
	const isWorking = silentMs < guessedWorkingMs;
	return {
		activity: isWorking ? 'working' : 'idle',
		source: 'guess',
		confidence: 0.2,
		sinceMs: isWorking ? nowMs : lastOutputAtMs,
		seenMs: nowMs,
		evidence: isWorking ? 'it writes output' : `no output for ${shortAge(silentMs)}`,
	};
};

const sourceNames: Readonly<Record<StatusSource, string>> = {
	hook: 'a hook of the agent',
	protocol: "the agent's own protocol",
	osc: 'a status report in its output (OSC 7501)',
	title: 'its window title',
	screen: 'a rule about its screen',
	process: 'its process',
	guess: 'a guess from its output',
};

const activityWords: Readonly<Record<AgentActivity, string>> = {
	starting: 'The agent is starting',
	working: 'The agent is working',
	blocked: 'The agent is blocked',
	idle: 'The agent is idle',
	done: 'The agent is done',
	error: 'The agent met an error',
	exited: 'The agent has exited',
};

const kindWords: Readonly<Record<BlockedKind, string>> = {
	permission: ': it waits for a permission',
	question: ': it waits for an answer',
	auth: ': it waits for a login',
};

const nextIn = ({source}: AgentStatus): string => {
	const weaker = statusSources.slice(rankOf(source) + 1).at(0);
	return weaker === undefined ? 'any other source' : weaker === 'guess' ? 'a guess' : `a ${weaker} or any source after it`;
};

/** Whole sentences that say what is believed, who said so and when, how sure that is, and what was seen. */
export const explainStatus = (status: AgentStatus, nowMs: number): readonly string[] => {
	const {activity, kind, source, confidence, sinceMs, seenMs, evidence} = status;
	const silentMs = Math.max(0, nowMs - seenMs);
	const isStale = silentMs > statusLifetimeMs[source] && !hasExited(status);
	return [
		`${activityWords[activity]}${kind === undefined ? '' : kindWords[kind]}, for ${shortAge(nowMs - sinceMs)}.`,
		`Source: ${sourceNames[source]}, last heard ${shortAge(silentMs)} ago.`,
		`Confidence: ${Math.round(confidence * 100)} %.`,
		`Seen: ${evidence === '' ? 'nothing to quote' : evidence}.`,
		...(isStale
			? [`It has been silent for longer than ${shortAge(statusLifetimeMs[source])}: ${nextIn(status)} would be believed instead.`]
			: []),
	];
};
