import {expect} from 'vitest';
import type {Actor} from '../../state/actor.js';
import type {AgentProfile} from '../../state/agent/agent-profile.js';
import {applyAll} from '../../state/apply.js';
import type {Command, CommandOf} from '../../state/command.js';
import {decide, whyNot} from '../../state/decide.js';
import type {DecisionContext, Outcome} from '../../state/decision-context.js';
import type {EscalationKind} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import type {Fact} from '../../state/fact.js';
import type {Refusal} from '../../state/refusal.js';
import type {Run} from '../../state/run/run.js';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import type {Session} from '../../state/session/session.js';
import {createState, type State} from '../../state/state.js';

export const operator: Actor = {role: 'operator', name: 'ada'};
export const system: Actor = {role: 'system'};
export const launcher: Actor = {role: 'launcher', launcherId: 'lch_1'};
export const agentOf = (runId: string): Actor => ({role: 'agent', runId});

/** What became of a command: an expected no, or what is true now. */
export type Asked = {readonly refused: Refusal; readonly facts: readonly []} | ({readonly refused?: undefined} & Outcome);

/** What a profile says beyond its name, by agent. */
type Profiles = Readonly<Record<string, Partial<AgentProfile>>>;

const configured = (limits: Partial<Limits>, agents: readonly string[], profiles: Profiles): CommandOf<'settings.configure'> => ({
	type: 'settings.configure',
	agents: agents.map(name => ({name, adapter: 'command', argv: ['true'], description: name, ...profiles[name]})),
	limits: {...defaultLimits, ...limits},
});

export type StateFleet = ReturnType<typeof createStateFleet>;

/**
 * The rules alone, with a clock and ids of the test's choosing: commands go through `whyNot`, `decide` and `apply` as in the real
 * thing. Starts with agents `shell` and `codex` and one launcher; `journal` holds every fact as it was when it happened, as JSON.
 */
export const createStateFleet = ({
	limits = {},
	agents = ['shell', 'codex'],
	profiles = {},
	hasLauncher = true,
}: {
	limits?: Partial<Limits>;
	agents?: readonly string[];
	profiles?: Profiles;
	hasLauncher?: boolean;
} = {}) => {
	const state: State = createState();
	const journal: string[] = [];
	let nowMs = 1_700_000_000_000;
	let ids = 0;

	const ask = (command: Command, actor: Actor = operator): Asked => {
		const refused = whyNot(state, command, {actor, nowMs});
		if (refused) {
			return {refused, facts: []};
		}

		const newId = (prefix: string): string => {
			ids += 1;
			return `${prefix}_${ids}`;
		};

		const outcome = decide(state, command, {actor, nowMs, newId, random: () => 0.5});
		journal.push(...outcome.facts.map(fact => JSON.stringify(fact)));
		applyAll(state, outcome.facts);
		return outcome;
	};

	/** Sends what must not be refused, and gives the facts. */
	const send = (command: Command, actor?: Actor): readonly Fact[] => {
		const {refused, facts} = ask(command, actor);
		expect(refused, refused?.sentence).toBeUndefined();
		return facts;
	};

	const created = (facts: readonly Fact[]) => ({
		session: facts.find(fact => fact.type === 'session.created')?.session.id ?? '',
		run: facts.find(fact => fact.type === 'run.queued')?.run.id ?? '',
	});

	const run = (id: string): Run => state.runs[id]!;
	const launcherOf = (runId: string): Actor => ({role: 'launcher', launcherId: run(runId).attempts.at(-1)?.launcherId ?? 'lch_1'});
	const session = (id: string): Session => state.sessions[id]!;

	/** Claims until nothing more may start; the ids of what was claimed, in order. */
	const dispatch = (): readonly string[] => {
		const claimed: string[] = [];
		for (;;) {
			const facts = send({type: 'queue.dispatch'}, system);
			const starting = facts.find(fact => fact.type === 'run.starting');
			if (!starting) {
				return claimed;
			}

			claimed.push(starting.runId);
		}
	};

	send(configured(limits, agents, profiles), system);
	if (hasLauncher) {
		send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, launcher);
	}

	return {
		state,
		journal,
		ask,
		send,
		run,
		session,
		dispatch,
		now: () => nowMs,
		/** What a decision would be made with, so much later. */
		context: (laterMs = 0): DecisionContext => ({actor: system, nowMs: nowMs + laterMs, newId: prefix => prefix, random: () => 0.5}),
		advance(ms: number) {
			nowMs += ms;
		},
		configure: (changed: Partial<Limits>) => send(configured({...limits, ...changed}, agents, profiles), system),
		tick: () => send({type: 'clock.tick'}, system),
		/** A refusal that must come, by code and sentence. */
		refusal(command: Command, actor?: Actor): Refusal {
			const {refused} = ask(command, actor);
			expect(refused).toBeDefined();
			return refused!;
		},
		/** A new session with a queued run. */
		queue: (options: Partial<CommandOf<'session.create'>> = {}, actor?: Actor) =>
			created(send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'true', ...options}, actor)),
		/** Another run for a session. */
		message: (sessionId: string, options: Partial<CommandOf<'message.send'>> = {}) =>
			created(send({type: 'message.send', sessionId, text: 'next', ...options})).run,
		started: (runId: string) => send({type: 'attempt.started', runId, generation: run(runId).generation, pid: 7}, launcherOf(runId)),
		exited: (runId: string, exitCode: number | null = 0) =>
			send(
				{type: 'attempt.exited', runId, generation: run(runId).generation, exitCode, signal: exitCode === null ? 9 : null},
				launcherOf(runId),
			),
		/** The launcher lost an attempt. */
		lost: (runId: string) =>
			send({type: 'attempt.lost', runId, generation: run(runId).generation, sentence: 'the launcher no longer has it'}, launcherOf(runId)),
		/** A running run waits for others, of whatever tree. */
		wait: (runId: string, runIds: readonly string[], mode: 'all' | 'any' = 'all') =>
			send({type: 'run.wait', runId, awaits: {runIds, mode}}, system),
		/** A child of a running run, queued. */
		spawn: (parentRunId: string, options: Partial<CommandOf<'session.create'>> = {}) =>
			created(send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'child', parentRunId, ...options}, agentOf(parentRunId))),
		/** A new session whose run is running. */
		start(options: Partial<CommandOf<'session.create'>> = {}) {
			const ids = this.queue(options);
			expect(this.dispatch()).toContain(ids.run);
			this.started(ids.run);
			return ids;
		},
		/** Raises a request of a running run; its id and fingerprint. */
		raise(
			runId: string,
			{kind = 'approval', text = 'May I?', blocking = true}: {kind?: EscalationKind; text?: string; blocking?: boolean} = {},
		) {
			const fingerprint = canonicalPlan({runId, generation: run(runId).generation, kind, text});
			const facts = send({type: 'escalation.raise', runId, kind, text, blocking, fingerprint}, agentOf(runId));
			const raised = facts.find(fact => fact.type === 'escalation.raised');
			return {id: raised?.escalation.id ?? '', fingerprint};
		},
	};
};

/** The index as something that can be compared: the ready runs by id, since how often each tree was served is memory, not truth. */
export const comparableIndex = ({index: {ready, waits, records: _, ...rest}, runs}: State) => ({
	...rest,
	ready: ready.ids().toSorted(),
	waits: Object.fromEntries(
		Object.keys(runs)
			.map(id => [id, waits.awaitedBy(id).toSorted()] as const)
			.filter(([, awaited]) => awaited.length > 0),
	),
});
