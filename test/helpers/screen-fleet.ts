import {expect} from 'vitest';
import {sha256} from '../../source/digest.js';
import type {Fleet} from '../../source/fleet.js';
import {createOrchestrator} from '../../source/orchestrator.js';
import {pathsOf} from '../../source/paths.js';
import {openStore} from '../../source/store/open-store.js';
import type {Actor} from '../../state/actor.js';
import type {AgentProfile} from '../../state/agent/agent-profile.js';
import type {Command} from '../../state/command.js';
import type {EscalationKind, EscalationPayload} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import {createStoreFolder} from './store-folder.js';

export const operator: Actor = {role: 'operator', name: 'ada'};
export const system: Actor = {role: 'system'};
export const launcher: Actor = {role: 'launcher', launcherId: 'lch_1'};

/** What an agent asks for in a test. */
export type Asked = {
	readonly runId: string;
	readonly kind?: EscalationKind;
	readonly text?: string;
	readonly payload?: EscalationPayload;
};

export type ScreenFleet = Awaited<ReturnType<typeof openScreenFleet>>;

/**
 * A real orchestrator over the real store, with a clock and ids of the test's choosing and no launcher process: what screens are drawn
 * from. Close it at the end (or use `await using`).
 */
export const openScreenFleet = async ({
	limits = {},
	agents = ['codex', 'shell'],
	profiles = {},
	readOnly = false,
}: {
	limits?: Partial<Limits>;
	agents?: readonly string[];
	/** What a profile says beyond its name, by agent. */
	profiles?: Readonly<Record<string, Partial<AgentProfile>>>;
	readOnly?: boolean;
} = {}) => {
	const folder = await createStoreFolder();
	const {store, state} = await openStore({folder: folder.path, role: 'console'});
	let nowMs = Date.UTC(2026, 0, 5, 12);
	let ids = 0;
	const newId = (prefix: string): string => {
		ids += 1;
		return `${prefix}_${ids}`;
	};

	const orchestrator = createOrchestrator({store, state, clock: {now: () => nowMs}, newId});
	const fleet: Fleet = {
		orchestrator,
		launcher: () => undefined,
		paths: pathsOf(folder.path),
		project: '/work',
		embedded: false,
		remote: false,
		readOnly,
	};

	/** Sends what must not be refused, and gives what became true. */
	const send = async (command: Command, actor: Actor = operator) => {
		const sent = await orchestrator.send(command, {actor});
		expect(sent.refused).toBeUndefined();
		return sent.refused ? [] : sent.facts.map(({fact}) => fact);
	};

	/** A session with a run in the queue. */
	const start = async (label: string, {agent = 'codex', cwd = '/work/project', text = 'do it', parentRunId = ''} = {}) => {
		const facts = await send({type: 'session.create', agent, cwd, label, text, ...(parentRunId && {parentRunId})});
		const sessionId = facts.find(fact => fact.type === 'session.created')!.session.id;
		return {sessionId, runId: facts.find(fact => fact.type === 'run.queued')!.run.id};
	};

	/** Lets every run begin that may. */
	const runAll = async () => {
		for (let claimed = 1; claimed > 0; ) {
			claimed = (await send({type: 'queue.dispatch'}, system)).length;
		}

		for (const runId of [...orchestrator.getState().index.live]) {
			const {state: at, generation} = orchestrator.getState().runs[runId]!;
			if (at === 'starting') {
				await send({type: 'attempt.started', runId, generation, pid: 4242}, launcher);
			}
		}
	};

	/** An agent asks; the id of its request. */
	const ask = async ({runId, kind = 'approval', text = 'Please.', payload}: Asked) => {
		const {generation} = orchestrator.getState().runs[runId]!;
		const fingerprint = sha256(canonicalPlan({runId, generation, kind, text, payload}));
		const facts = await send(
			{type: 'escalation.raise', runId, kind, text, blocking: true, fingerprint, ...(payload && {payload})},
			{role: 'agent', runId},
		);
		return facts.find(fact => fact.type === 'escalation.raised')!.escalation.id;
	};

	await send(
		{
			type: 'settings.configure',
			agents: agents.map(name => ({name, adapter: 'command', argv: ['true'], description: name, ...profiles[name]})),
			limits: {...defaultLimits, ...limits},
		},
		system,
	);
	await send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 4000, embedded: false}, launcher);

	return {
		fleet,
		orchestrator,
		state: orchestrator.getState,
		send,
		start,
		runAll,
		ask,
		now: () => nowMs,
		/** Time passes. */
		pass(ms: number) {
			nowMs += ms;
		},
		async [Symbol.asyncDispose]() {
			await store.close();
			await folder[Symbol.asyncDispose]();
		},
	};
};
