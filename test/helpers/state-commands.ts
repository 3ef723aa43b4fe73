import fc from 'fast-check';
import type {Actor} from '../../state/actor.js';
import type {AgentReport} from '../../state/agent/agent-report.js';
import type {Command, CommandOf} from '../../state/command.js';
import {wordToApprove} from '../../state/escalation/decide-decision.js';
import type {Choice, EscalationKind} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import {maySend} from '../../state/permission.js';
import {lanes} from '../../state/queue/lane.js';
import {queueOrder} from '../../state/queue/queue-order.js';
import {defaultRetry} from '../../state/run/retry.js';
import {isOver, type RunOptions} from '../../state/run/run.js';
import {defaultLimits} from '../../state/safety/limits.js';
import type {State} from '../../state/state.js';
import {agentOf, launcher, operator, system} from './state-fleet.js';

/** One step of a story: what kind of command, by whom, after how long, and numbers that choose the rest from what is there then. */
export type Move = {
	readonly type: Command['type'];
	readonly by: 'whoever may' | Actor['role'];
	readonly laterMs: number;
	readonly picks: readonly number[];
};

/** Takes one choice after the other; the same picks make the same choices from the same State. */
type Pick = <Choice>(from: readonly Choice[]) => Choice;

const pickFrom = (picks: readonly number[]): Pick => {
	let at = 0;
	return from => {
		const pick = picks[at % picks.length]!;
		at += 1;
		return from[pick % from.length]!;
	};
};

/** Ids that no one ever gave out, among them those every JavaScript object knows. */
const strangers = ['none', 'constructor', '__proto__'];

/** Mostly something that exists. */
const idOf = (records: Readonly<Record<string, unknown>>, pick: Pick): string => {
	const ids = Object.keys(records);
	return pick([...ids, ...ids, ...ids, ...strangers]);
};

const runOf = (state: State, pick: Pick): string => {
	const live = [...state.index.live];
	return pick([true, true, true, false]) && live.length > 0 ? pick(live) : idOf(state.runs, pick);
};

const attemptOf = (state: State, pick: Pick) => {
	const runId = runOf(state, pick);
	const generation = state.runs[runId]?.generation ?? 0;
	return {runId, generation: Math.max(0, generation - pick([0, 0, 0, 0, 0, 1]))};
};

const escalationOf = (state: State, pick: Pick): string => {
	const open = [...state.index.openEscalations];
	return pick([true, true, false]) && open.length > 0 ? pick(open) : idOf(state.escalations, pick);
};

const breakerKey = (state: State, pick: Pick): string =>
	pick([true, true, true, false]) ? `agent:${idOf(state.agents, pick)}` : pick(strangers);

const raise = (state: State, pick: Pick): CommandOf<'escalation.raise'> => {
	const runId = runOf(state, pick);
	const kind = pick<EscalationKind>(['approval', 'approval', 'permission', 'question', 'notice']);
	const text = pick(['May I?', 'And this?', 'Which one?']);
	const grave = {argv: ['rm', '-rf', 'x'], cwd: '/w', env: {A: '1'}, extra: {deep: [1, null, 'x']}};
	const mild = {argv: ['npm', 'ci'], cwd: '/w'};
	const payload = pick([undefined, grave, mild, mild, mild]);
	const found = pick([undefined, {cwd: '/w', executables: {npm: '/usr/bin/npm'}}]);
	const generation = state.runs[runId]?.generation ?? 0;
	const fingerprint = canonicalPlan({runId, generation, kind, text, payload});
	const asked = {...(payload && {payload}), ...(found && {found})};
	return {type: 'escalation.raise', runId, kind, text, ...asked, blocking: pick([true, true, false]), fingerprint};
};

const decision = (state: State, pick: Pick): CommandOf<'escalation.decide'> => {
	const escalationId = escalationOf(state, pick);
	const escalation = state.escalations[escalationId];
	const seen = escalation?.fingerprint ?? '';
	const word = escalation && wordToApprove(state, escalation);
	const text = pick([undefined, '', 'because']);
	return {
		type: 'escalation.decide',
		escalationId,
		fingerprint: pick([seen, seen, seen, 'another']),
		choice: pick<Choice>(['approve', 'deny', 'answer']),
		...(text !== undefined && {text}),
		...(word !== undefined && {word}),
		...pick([{}, {scope: 'run' as const}]),
	};
};

const create = (state: State, pick: Pick): CommandOf<'session.create'> => {
	const parentRunId = pick([true, false]) ? runOf(state, pick) : undefined;
	return {
		type: 'session.create',
		agent: pick(['shell', 'shell', 'codex', 'codex', 'constructor']),
		cwd: '/w',
		...pick([{text: 'make'}, {text: ''}, {text: 'one\ntwo', lane: pick(lanes)}, {}]),
		...pick([{}, {label: 'docs'}, {label: ' '}]),
		...(parentRunId !== undefined && {parentRunId}),
		...options(state, pick),
		...pick([{}, {}, {onParentSuccess: 'cancel' as const}]),
	};
};

/** What may be asked of a run, mostly nothing. */
const options = (state: State, pick: Pick): RunOptions =>
	pick<() => RunOptions>([
		() => ({}),
		() => ({}),
		() => ({}),
		() => ({dependsOn: [runOf(state, pick)]}),
		() => ({dependsOn: [idOf(state.runs, pick), runOf(state, pick)], onDependencyFailure: pick(['fail', 'release'])}),
		() => ({retry: pick([true, false])}),
		() => ({demands: pick([['gpu'], ['net'], ['gpu', 'net']])}),
		() => ({isPreemptible: true, lane: 'low'}) as RunOptions,
		() => ({preempts: true, lane: 'urgent'}) as RunOptions,
		() => ({deadlineAtMs: state.lastAtMs + pick([1000, 60_000, 600_000])}),
	])();

/** A run of a child, one that has ended if there is one. */
const childRunOf = (state: State, pick: Pick): string => {
	const ended = Object.values(state.runs).filter(run => isOver(run) && state.sessions[run.sessionId]?.parentId !== undefined);
	return pick([true, true, true, false]) && ended.length > 0 ? pick(ended).id : idOf(state.runs, pick);
};

const take = (state: State, pick: Pick): CommandOf<'result.take'> => {
	const kept = Object.values(state.outbox);
	const result = pick([true, true, true, false]) && kept.length > 0 ? pick(kept) : undefined;
	const byRunId = state.sessions[result?.parentId ?? '']?.runIds.at(-1) ?? runOf(state, pick);
	return {type: 'result.take', runId: result?.runId ?? idOf(state.runs, pick), byRunId};
};

const queuedOf = (state: State, pick: Pick): string => {
	const queued = queueOrder(state).map(({id}) => id);
	return pick([true, true, true, false]) && queued.length > 0 ? pick(queued) : idOf(state.runs, pick);
};

const deadOf = (state: State, pick: Pick): string => {
	const dead = [...state.index.dead];
	return pick([true, true, true, true, false]) && dead.length > 0 ? pick(dead) : idOf(state.runs, pick);
};

const report = (state: State, pick: Pick): CommandOf<'agent.report'> => {
	const attempt = attemptOf(state, pick);
	const activity = pick(['working', 'blocked', 'idle'] as const);
	const status = {activity, source: 'hook', confidence: 1, sinceMs: state.lastAtMs, seenMs: state.lastAtMs, evidence: 'a hook'} as const;
	const reports: readonly AgentReport[] = [
		{kind: 'accepted'},
		{kind: 'status', status},
		{kind: 'thread', threadId: pick(['t1', 't2'])},
		{kind: 'usage', usage: {inputTokens: pick([10, 400]), outputTokens: 7, costUsd: 0.01}},
		{kind: 'usage', usage: {inputTokens: 500}, isTotal: true},
		{kind: 'tool', tool: 'shell', summary: 'ls', digest: 'd1'},
		{kind: 'limited', sentence: 'too many', ...pick([{}, {untilMs: state.lastAtMs + 60_000}])},
		{kind: 'heartbeat', ...attempt},
		{kind: 'heartbeat', runId: runOf(state, pick), generation: 1},
	];
	return {type: 'agent.report', ...attempt, report: pick(reports)};
};

const wait = (state: State, pick: Pick): CommandOf<'run.wait'> => ({
	type: 'run.wait',
	runId: runOf(state, pick),
	awaits: {runIds: pick([[queuedOf(state, pick)], [runOf(state, pick), queuedOf(state, pick)]]), mode: pick(['all', 'any'])},
});

/** What a launcher has, mostly what State believes. */
const heartbeat = (state: State, pick: Pick): CommandOf<'launcher.heartbeat'> => {
	const launcherId = pick(['lch_1', 'lch_1', 'lch_2']);
	const believed = [...state.index.live].map(id => state.runs[id]!).filter(run => run.attempts.at(-1)!.launcherId === launcherId);
	const attempts = believed.map(({id, generation}) => ({runId: id, generation, isAlive: true}));
	const odd = {runId: idOf(state.runs, pick), generation: 1, isAlive: true};
	return {type: 'launcher.heartbeat', launcherId, attempts: pick([attempts, attempts, attempts.slice(1), [...attempts, odd]])};
};

/** An agent with everything that a profile may say. */
export const codex = {
	provider: 'openai',
	retry: {...defaultRetry, waitsMs: [0], lostCap: 0},
	tags: ['net'],
	provesAcceptance: true,
	budget: {tokens: 2000},
} as const;

const configure = (pick: Pick): CommandOf<'settings.configure'> => ({
	type: 'settings.configure',
	agents: pick([
		['shell', 'codex'],
		['codex', 'shell'],
		['shell', 'codex', 'pi'],
	]).map(name => ({name, adapter: 'command', description: '', ...(name === 'codex' && codex)})),
	limits: {
		...defaultLimits,
		...pick([
			{concurrent: 3, concurrentPerTree: 2, liveChildren: 2, depth: 2, sessionsPerRoot: 4, queueLength: 8, queuedPerSession: 3},
			{concurrent: 1, openEscalations: 2},
			{concurrent: 50, startTimeoutMs: 5000, escalationExpiryMs: 60_000, startsPerMinute: 5, queueTtlMs: 900_000},
			{pendingDecisions: 1, retriesPerTreePerHour: 1, runTimeoutMs: 900_000},
			{},
		]),
	},
	...pick([
		{},
		{},
		{budgets: {tree: {tokens: 3000, runsPerHour: 5}, all: {costUsd: 1}}},
		{budgets: {session: {wallMs: 600_000}, all: {wallMs: 3_600_000}}},
	]),
	...pick([{}, {limitOverrides: [{label: 'd*', limits: {concurrentPerTree: 1}}]}]),
});

/** How each kind of command is made up; a kind that is missing here does not compile. */
const builders: {readonly [Type in Command['type']]: (state: State, pick: Pick) => CommandOf<Type>} = {
	'settings.configure': (_state, pick) => configure(pick),
	'session.create': create,
	'session.rename': (state, pick) => ({type: 'session.rename', sessionId: idOf(state.sessions, pick), label: pick(['a', 'b'])}),
	'message.send': (state, pick) => ({
		type: 'message.send',
		sessionId: idOf(state.sessions, pick),
		text: 'go on',
		lane: pick(lanes),
		...options(state, pick),
		...pick([{}, {mode: 'steer'}, {mode: 'interrupt'}] as const),
	}),
	'message.type': (state, pick) => ({type: 'message.type', sessionId: idOf(state.sessions, pick), text: 'yes'}),
	'session.stop': (state, pick) => ({type: 'session.stop', sessionId: idOf(state.sessions, pick), tree: pick([true, false])}),
	'run.cancel': (state, pick) => ({type: 'run.cancel', runId: runOf(state, pick)}),
	'run.wait': wait,
	'run.stop-waiting': (state, pick) => ({type: 'run.stop-waiting', runId: runOf(state, pick)}),
	'run.hold': (state, pick) => ({type: 'run.hold', runId: queuedOf(state, pick)}),
	'run.unhold': (state, pick) => ({type: 'run.unhold', runId: queuedOf(state, pick)}),
	'run.move': (state, pick) => ({type: 'run.move', runId: queuedOf(state, pick), to: pick(['first', 'last'])}),
	'run.prioritise': (state, pick) => ({type: 'run.prioritise', runId: queuedOf(state, pick), lane: pick(lanes)}),
	'run.force-start': (state, pick) => ({type: 'run.force-start', runId: queuedOf(state, pick)}),
	'run.rerun': (state, pick) => ({type: 'run.rerun', runId: runOf(state, pick)}),
	'deadletter.retry': (state, pick) => ({type: 'deadletter.retry', runId: deadOf(state, pick)}),
	'deadletter.drop': (state, pick) => ({type: 'deadletter.drop', runId: deadOf(state, pick)}),
	'fleet.stop': () => ({type: 'fleet.stop'}),
	'queue.dispatch': () => ({type: 'queue.dispatch'}),
	'queue.pause': () => ({type: 'queue.pause'}),
	'queue.resume': () => ({type: 'queue.resume'}),
	'queue.drain': () => ({type: 'queue.drain'}),
	'queue.undrain': () => ({type: 'queue.undrain'}),
	'agent.report': report,
	'agent.output': (state, pick) => ({
		type: 'agent.output',
		...attemptOf(state, pick),
		lastOutputAtMs: state.lastAtMs - pick([0, 700_000, 1_000_000]),
	}),
	'provider.limit': (_state, pick) => ({type: 'provider.limit', provider: pick(['openai', 'nobody']), sentence: 'too many'}),
	'provider.clear': (_state, pick) => ({type: 'provider.clear', provider: pick(['openai', 'nobody'])}),
	'alert.acknowledge': (state, pick) => ({type: 'alert.acknowledge', key: idOf(state.alerts, pick)}),
	'attempt.started': (state, pick) => ({type: 'attempt.started', ...attemptOf(state, pick), pid: 7}),
	'attempt.spawn-failed': (state, pick) => ({type: 'attempt.spawn-failed', ...attemptOf(state, pick), sentence: 'no program'}),
	'attempt.exited': (state, pick) => ({
		type: 'attempt.exited',
		...attemptOf(state, pick),
		...pick([
			{exitCode: 0, signal: null},
			{exitCode: 1, signal: null},
			{exitCode: 2, signal: null},
			{exitCode: null, signal: 15, proof: {processes: 3, survivors: 0, killed: true}},
		]),
	}),
	'attempt.lost': (state, pick) => ({type: 'attempt.lost', ...attemptOf(state, pick), sentence: 'gone'}),
	'escalation.raise': raise,
	'escalation.show': (state, pick) => ({
		type: 'escalation.show',
		escalationId: escalationOf(state, pick),
		frame: 'f',
		columns: 80,
		rows: 24,
	}),
	'escalation.decide': decision,
	'grant.revoke': (state, pick) => ({type: 'grant.revoke', grantId: idOf(state.grants, pick)}),
	'escalation.deliver': (state, pick) => ({type: 'escalation.deliver', escalationId: escalationOf(state, pick)}),
	'escalation.withdraw': (state, pick) => ({type: 'escalation.withdraw', escalationId: escalationOf(state, pick), why: 'left'}),
	'escalation.asker': (state, pick) => ({type: 'escalation.asker', escalationId: escalationOf(state, pick), gone: pick([true, false])}),
	'breaker.trip': (state, pick) => ({type: 'breaker.trip', key: breakerKey(state, pick)}),
	'breaker.reset': (state, pick) => ({type: 'breaker.reset', key: breakerKey(state, pick)}),
	'breaker.hold': (state, pick) => ({type: 'breaker.hold', key: breakerKey(state, pick)}),
	'launcher.join': (_state, pick) => ({type: 'launcher.join', launcherId: pick(['lch_1', 'lch_2']), host: 'here', pid: 1, embedded: false}),
	'launcher.change': (state, pick) => ({
		type: 'launcher.change',
		launcherId: idOf(state.launchers, pick),
		state: pick(['online', 'offline'] as const),
		...pick([{}, {fromNow: true}]),
	}),
	'launcher.heartbeat': heartbeat,
	'result.push': (state, pick) => ({type: 'result.push', runId: childRunOf(state, pick), text: pick(['', 'done', '</child-result>'])}),
	'result.deliver': (state, pick) => ({type: 'result.deliver', parentId: idOf(state.sessions, pick)}),
	'result.take': take,
	'clock.tick': () => ({type: 'clock.tick'}),
};

/** What an agent's command is about, so that a story also holds commands that agents may send. */
const ownRun = (state: State, command: Command): string | undefined => {
	if (command.type === 'session.create') {
		return command.parentRunId;
	}

	if (command.type === 'escalation.withdraw') {
		return state.escalations[command.escalationId]?.runId;
	}

	return 'runId' in command ? command.runId : undefined;
};

const actorOf = (state: State, command: Command, role: Actor['role'], pick: Pick): Actor => {
	switch (role) {
		case 'operator': {
			return pick([operator, {role: 'operator', name: 'bob'}]);
		}

		case 'agent': {
			return agentOf((pick([true, true, false]) ? ownRun(state, command) : undefined) ?? runOf(state, pick));
		}

		case 'launcher': {
			const carrying = 'runId' in command ? state.runs[command.runId]?.attempts.at(-1)?.launcherId : undefined;
			return pick([true, true, true, false]) && carrying !== undefined ? {role: 'launcher', launcherId: carrying} : launcher;
		}

		case 'system': {
			return system;
		}
	}
};

/** The command of a move and who sends it, made up from what State holds at that moment. */
export const commandOf = (state: State, {type, by, picks}: Move): {readonly command: Command; readonly actor: Actor} => {
	const pick = pickFrom(picks);
	const command = builders[type](state, pick);
	const role = by === 'whoever may' ? pick(maySend[type]) : by;
	return {command, actor: actorOf(state, command, role, pick)};
};

/** Every kind of command there is. */
export const commandTypes = Object.keys(builders) as ReadonlyArray<Command['type']>;

/** What makes stories long: without these most of them would be refusals. */
const usual = [
	'session.create',
	'session.create',
	'message.send',
	'message.type',
	'queue.dispatch',
	'queue.dispatch',
	'queue.dispatch',
	'attempt.started',
	'attempt.started',
	'attempt.exited',
	'escalation.raise',
	'escalation.decide',
	'clock.tick',
	'queue.resume',
	'queue.undrain',
	'provider.clear',
	'run.unhold',
	'run.wait',
	'result.push',
] as const;

/** A step of a story; every kind of command has its chance. */
export const move: fc.Arbitrary<Move> = fc.record({
	type: fc.oneof({arbitrary: fc.constantFrom(...usual), weight: 3}, {arbitrary: fc.constantFrom(...commandTypes), weight: 2}),
	by: fc.oneof(
		{arbitrary: fc.constant<Move['by']>('whoever may'), weight: 5},
		{arbitrary: fc.constantFrom<Move['by']>('operator', 'agent', 'launcher', 'system'), weight: 1},
	),
	laterMs: fc.oneof(
		{arbitrary: fc.constantFrom(0, 0, 1, 1000), weight: 4},
		{arbitrary: fc.constantFrom(30_000, 60_000, 300_000, 1_800_000, 86_400_000), weight: 1},
	),
	picks: fc.array(fc.nat({max: 1000}), {minLength: 12, maxLength: 12}),
});
