import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createClock} from '../../source/clock.js';
import type {Fleet} from '../../source/fleet.js';
import type {LauncherPort} from '../../source/launcher-port.js';
import {createOrchestrator, type Orchestrator} from '../../source/orchestrator.js';
import {pathsOf} from '../../source/paths.js';
import {openStore} from '../../source/store/open-store.js';
import {type Console, createConsole} from '../../source/ui/create-console.js';
import type {CorrectStatus, ExportSession} from '../../source/ui/perform.js';
import type {Actor} from '../../state/actor.js';
import type {Command, CommandOf} from '../../state/command.js';
import type {EscalationKind, EscalationPayload} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import type {Fact} from '../../state/fact.js';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import {openScreen, type ScreenOptions} from './open-screen.js';
import {agentOf, launcher as launcherActor, operator, system} from './state-fleet.js';

type SessionOptions = Partial<CommandOf<'session.create'>>;
type RequestOptions = {readonly kind?: EscalationKind; readonly text?: string; readonly payload?: EscalationPayload};

export type ConsoleTestOptions = ScreenOptions & {
	readonly limits?: Partial<Limits>;
	readonly agents?: readonly string[];
	/** Where screens come from; none unless given. */
	readonly launcher?: LauncherPort;
	readonly fleet?: Partial<Pick<Fleet, 'embedded' | 'readOnly' | 'remote' | 'project'>>;
	readonly exportSession?: ExportSession;
	readonly correctStatus?: CorrectStatus;
	/** What the store would say once its disk has failed. */
	readonly failure?: Error;
	/** What happened before the console opened. */
	readonly before?: (world: World) => Promise<void>;
};

type Orchestrated = {readonly orchestrator: Orchestrator; readonly advance: (ms: number) => void; readonly close: () => Promise<void>};

/** The real orchestrator over the real store in a folder of its own. */
const openOrchestrator = async (folder: string): Promise<Orchestrated> => {
	const {store, state} = await openStore({folder, role: 'console'});
	const clock = createClock();
	let ids = 0;
	let skippedMs = 0;
	const newId = (prefix: string): string => {
		ids += 1;
		return `${prefix}_${ids}`;
	};

	return {
		orchestrator: createOrchestrator({store, state, clock: {now: () => clock.now() + skippedMs}, newId}),
		advance(ms) {
			skippedMs += ms;
		},
		close: store.close,
	};
};

const senderOf =
	(orchestrator: Orchestrator) =>
	async (command: Command, actor: Actor = operator): Promise<readonly Fact[]> => {
		const sent = await orchestrator.send(command, {actor});
		if (sent.refused) {
			throw new Error(`${command.type} was refused: ${sent.refused.sentence}`);
		}

		return sent.facts.map(({fact}) => fact);
	};

/** What agents and launchers would do, by the commands they would send. */
const actionsOn = (orchestrator: Orchestrator) => {
	const send = senderOf(orchestrator);
	const attempt = (runId: string) => ({runId, generation: orchestrator.getState().runs[runId]!.generation});
	const queue = async ({label, agent = 'claude', text = 'go', parentRunId, cwd = '/'}: SessionOptions = {}) => {
		const names = {...(label !== undefined && {label}), ...(parentRunId !== undefined && {parentRunId})};
		const actor = parentRunId === undefined ? operator : agentOf(parentRunId);
		const facts = await send({type: 'session.create', agent, cwd, text, ...names}, actor);
		return {
			session: facts.find(fact => fact.type === 'session.created')!.session.id,
			run: facts.find(fact => fact.type === 'run.queued')!.run.id,
		};
	};

	return {
		send,
		/** A new session with a queued run; as a child of a run, asked for by its agent. */
		queue,
		/** The same, running. */
		async start(options: SessionOptions = {}) {
			const ids = await queue(options);
			await send({type: 'queue.dispatch'}, system);
			await send({type: 'attempt.started', ...attempt(ids.run), pid: 7}, launcherActor);
			return ids;
		},
		/** Raises a request that holds the run; its id. */
		async raise(runId: string, {kind = 'approval', text = 'May I?', payload}: RequestOptions = {}) {
			const asked = {kind, text, ...(payload && {payload})};
			const fingerprint = canonicalPlan({...attempt(runId), ...asked});
			const facts = await send({type: 'escalation.raise', runId, blocking: true, fingerprint, ...asked}, agentOf(runId));
			return facts.find(fact => fact.type === 'escalation.raised')!.escalation.id;
		},
		/** The run's process is gone; without an exit code it was stopped, and its tree had so many processes. */
		exited(runId: string, exitCode: number | null = 0, processes = 1) {
			const stopped = exitCode === null ? {signal: 15, proof: {processes, survivors: 0, killed: false}} : {signal: null};
			return send({type: 'attempt.exited', ...attempt(runId), exitCode, ...stopped}, launcherActor);
		},
	};
};

/** A coordinator with what tests let happen to it. */
export type World = ReturnType<typeof actionsOn> & Orchestrated & {readonly folder: string};

const createWorld = async ({
	limits = {},
	agents = ['claude', 'codex', 'shell'],
}: Pick<ConsoleTestOptions, 'limits' | 'agents'>): Promise<World> => {
	const folder = await mkdtemp(path.join(tmpdir(), 'console-'));
	const {orchestrator, advance, close} = await openOrchestrator(folder);
	const actions = actionsOn(orchestrator);
	const profiles = agents.map(name => ({name, adapter: 'command', argv: ['true'], description: `runs ${name}`}));
	await actions.send({type: 'settings.configure', agents: profiles, limits: {...defaultLimits, ...limits}}, system);
	await actions.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: false}, launcherActor);
	return {
		...actions,
		folder,
		orchestrator,
		advance,
		async close() {
			await close();
			await rm(folder, {recursive: true, force: true});
		},
	};
};

/** The real console on an emulated terminal, over the real orchestrator and store. Use `await using`. */
export const openConsole = async ({
	limits,
	agents,
	launcher,
	fleet: overrides,
	exportSession,
	correctStatus,
	before,
	failure,
	...screenOptions
}: ConsoleTestOptions = {}) => {
	const world = await createWorld({...(limits && {limits}), ...(agents && {agents})});
	await before?.(world);
	const fleet: Fleet = {
		orchestrator: failure ? {...world.orchestrator, failure} : world.orchestrator,
		launcher: () => launcher,
		paths: pathsOf(world.folder),
		project: '/tmp',
		embedded: false,
		remote: false,
		readOnly: false,
		...overrides,
	};
	let shown: Console | undefined;
	const screen = await openScreen(
		terminal => {
			shown = createConsole({
				fleet,
				terminal,
				actorName: 'ada',
				exportSession: exportSession ?? (async sessionId => `/exports/${sessionId}.md`),
				correctStatus: correctStatus ?? (async ({activity}) => `A rule for ${activity} was written.`),
			});
			return shown.element;
		},
		{env: {TERM: 'xterm-256color', LANG: 'C.UTF-8'}, ...screenOptions},
	);
	return {
		...screen,
		world,
		fleet,
		ended: shown!.ended,
		async [Symbol.asyncDispose]() {
			shown!.close();
			await screen.close();
			await world.close();
		},
	};
};
