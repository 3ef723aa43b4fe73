import {actorName} from '../actor.js';
import type {AgentReport} from '../agent/agent-report.js';
import {type AgentStatus, type StatusSource, statusAfter} from '../agent/agent-status.js';
import {newOfTotal, usageWithout} from '../agent/conversation.js';
import type {DecisionContext} from '../decision-context.js';
import type {Fact} from '../fact.js';
import {budgetFacts} from '../safety/budget-facts.js';
import {pauseMs, pauseRules} from '../safety/provider.js';
import {pauseFacts, providerOf} from '../safety/provider-pause.js';
import {noUsage, type Usage} from '../safety/usage.js';
import type {State} from '../state.js';
import {currentAttempt, type Run} from './run.js';

type ReportOf<Kind extends AgentReport['kind']> = Extract<AgentReport, {readonly kind: Kind}>;

type Told<Kind extends AgentReport['kind']> = (state: State, run: Run, report: ReportOf<Kind>, context: DecisionContext) => readonly Fact[];

const longest = {summary: 200, tool: 80, digest: 128, sentence: 300} as const;

/** Words of agents, as many as are kept. */
const clipped = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`);

/** How often the same status from the same source is news: often enough that it is not taken for silent. */
const refreshMs = (source: StatusSource): number => (source === 'hook' ? 30_000 : 60_000);

const differs = (current: AgentStatus | undefined, next: AgentStatus): boolean =>
	current === undefined ||
	current.activity !== next.activity ||
	current.kind !== next.kind ||
	current.source !== next.source ||
	next.seenMs - current.seenMs >= refreshMs(next.source);

/** Whether a status would change what is believed, or is the first word of its source for a while. */
export const isStatusNews = (current: AgentStatus | undefined, told: AgentStatus, nowMs: number): boolean => {
	const next = statusAfter(current, told, nowMs);
	return next !== current && differs(current, next);
};

/** A proof that the prompt was taken is news once in an attempt. */
const acceptedFacts = (run: Run, nowMs: number): readonly Fact[] =>
	currentAttempt(run)!.acceptedAtMs === undefined ? [{type: 'run.accepted', runId: run.id, generation: run.generation, atMs: nowMs}] : [];

/** Who works took the prompt. Neither a process nor a guess knows what an agent works on. */
const provesWork = (run: Run, {activity, source}: AgentStatus): boolean =>
	run.text !== '' && activity === 'working' && source !== 'process' && source !== 'guess';

const statusFacts: Told<'status'> = (_state, run, {status}, {nowMs}) => {
	const confidence = Math.min(1, Math.max(0, status.confidence));
	const told = {...status, confidence, evidence: clipped(status.evidence, longest.summary), sinceMs: nowMs, seenMs: nowMs};
	return [
		...(isStatusNews(run.status, told, nowMs)
			? [{type: 'run.status-changed', runId: run.id, status: statusAfter(run.status, told, nowMs), atMs: nowMs} as const]
			: []),
		...(provesWork(run, told) ? acceptedFacts(run, nowMs) : []),
	];
};

const threadFacts: Told<'thread'> = (state, {sessionId}, {threadId}, {nowMs}) =>
	state.sessions[sessionId]!.threadId === threadId ? [] : [{type: 'session.bound', sessionId, threadId, atMs: nowMs}];

const usageFacts: Told<'usage'> = (state, run, {usage: told, isTotal = false}, context) => {
	const usage: Partial<Usage> = isTotal ? newOfTotal(state, run, told) : usageWithout(told, noUsage);
	return Object.keys(usage).length === 0
		? []
		: [{type: 'usage.reported', runId: run.id, usage, atMs: context.nowMs}, ...budgetFacts(state, run, usage, context)];
};

const toolFacts: Told<'tool'> = (_state, run, {tool, summary, digest}, {nowMs}) => [
	{
		type: 'run.called',
		runId: run.id,
		tool: clipped(tool, longest.tool),
		summary: clipped(summary, longest.summary),
		digest: clipped(digest, longest.digest),
		atMs: nowMs,
	},
];

/** The agents of its provider wait; and the run that was refused waits, until then or as long as its own agent is told to. */
const limitedFacts: Told<'limited'> = (state, run, report, {nowMs}) => {
	const provider = providerOf(state, state.sessions[run.sessionId]!.agent);
	const told = {sentence: clipped(report.sentence, longest.sentence), untilMs: report.untilMs};
	const named = told.untilMs !== undefined && told.untilMs > nowMs ? told.untilMs : nowMs + pauseMs(1);
	const ownUntilMs = Math.min(named, nowMs + pauseRules.believedMs);
	const awaits = {runIds: [], mode: 'all', ...(provider === undefined && {untilMs: ownUntilMs})} as const;
	return [
		...(provider === undefined ? [] : pauseFacts(state, provider, told, nowMs)),
		...(run.state === 'running' ? [{type: 'run.waiting', runId: run.id, reason: 'rate-limit', awaits, atMs: nowMs} as const] : []),
	];
};

/** What State knows wins: an agent that believes to work on something else is told so, and changes nothing. */
const heartbeatFacts: Told<'heartbeat'> = (_state, {id, generation}, report, {nowMs, actor}) => {
	if (report.runId === id && report.generation === generation) {
		return [];
	}

	const believed = clipped(`attempt ${report.generation} of ${report.runId}`, longest.sentence);
	const sentence = `It believes to work on ${believed}, but its run is attempt ${generation} of ${id}.`;
	return [
		{type: 'heartbeat.resolved', by: actorName(actor), runId: id, generation, resolution: 'other-run-refused', sentence, atMs: nowMs},
	];
};

const told: {readonly [Kind in AgentReport['kind']]: Told<Kind>} = {
	thread: threadFacts,
	status: statusFacts,
	accepted: (_state, run, _report, {nowMs}) => acceptedFacts(run, nowMs),
	usage: usageFacts,
	tool: toolFacts,
	limited: limitedFacts,
	heartbeat: heartbeatFacts,
};

/** What an agent's report about a live run makes true. */
export const reportFacts = (state: State, run: Run, report: AgentReport, context: DecisionContext): readonly Fact[] =>
	(told[report.kind] as Told<AgentReport['kind']>)(state, run, report, context);
