import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createClock} from '../../source/clock.js';
import type {Fleet} from '../../source/fleet.js';
import type {LauncherPort} from '../../source/launcher-port.js';
import {createOrchestrator} from '../../source/orchestrator.js';
import {pathsOf} from '../../source/paths.js';
import {openStore} from '../../source/store/open-store.js';
import {type Console, createConsole} from '../../source/ui/create-console.js';
import type {ExportSession} from '../../source/ui/perform.js';
import type {Actor} from '../../state/actor.js';
import type {Command, CommandOf} from '../../state/command.js';
import type {EscalationKind, EscalationPayload} from '../../state/escalation.js';
import type {Fact} from '../../state/fact.js';
import {canonicalPlan} from '../../state/fingerprint.js';
import {defaultLimits, type Limits} from '../../state/limits.js';
import {openScreen, type ScreenOptions} from './open-screen.js';
import {agentOf, launcher as launcherActor, operator, system} from './state-fleet.js';

export type ConsoleTestOptions = ScreenOptions & {
	readonly limits?: Partial<Limits>;
	readonly agents?: readonly string[];
	/** Where screens come from; none unless given. */
	readonly launcher?: LauncherPort;
	readonly fleet?: Partial<Pick<Fleet, 'embedded' | 'readOnly' | 'remote' | 'project'>>;
	readonly exportSession?: ExportSession;
	/** What the store would say once its disk has failed. */
	readonly failure?: Error;
	/** What happened before the console opened. */
	readonly before?: (world: World) => Promise<void>;
};

/** The real orchestrator over the real store in a folder of its own, with what tests send. */
export type World = Awaited<ReturnType<typeof createWorld>>;

const createWorld = async ({limits = {}, agents = ['claude', 'codex', 'shell']}: Pick<ConsoleTestOptions, 'limits' | 'agents'>) => {
	const folder = await mkdtemp(path.join(tmpdir(), 'console-'));
	const {store, state} = await openStore({folder, role: 'console'});
	let ids = 0;
	const newId = (prefix: string): string => {
		ids += 1;
		return `${prefix}_${ids}`;
	};

	const clock = createClock();
	let skippedMs = 0;
	const orchestrator = createOrchestrator({store, state, clock: {now: () => clock.now() + skippedMs}, newId});
	const send = async (command: Command, actor: Actor = operator): Promise<readonly Fact[]> => {
		const sent = await orchestrator.send(command, {actor});
		if (sent.refused) {
			throw new Error(`${command.type} was refused: ${sent.refused.sentence}`);
		}

		return sent.facts.map(({fact}) => fact);
	};

	const profiles = agents.map(name => ({name, adapter: 'command', argv: ['true'], description: `runs ${name}`}));
	await send({type: 'settings.configure', agents: profiles, limits: {...defaultLimits, ...limits}}, system);
	await send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: false}, launcherActor);
	const run = (id: string) => orchestrator.getState().runs[id]!;
	const attempt = (runId: string) => ({runId, generation: run(runId).generation});

	return {
		folder,
		orchestrator,
		send,
		run,
		/** Lets time pass at once. */
		advance(ms: number) {
			skippedMs += ms;
		},
		/** A new session with a queued run; as a child of a run, asked for by its agent. */
		async queue({label, agent = 'claude', text = 'go', parentRunId, cwd = '/'}: Partial<CommandOf<'session.create'>> = {}) {
			const command = {
				type: 'session.create',
				agent,
				cwd,
				text,
				...(label !== undefined && {label}),
				...(parentRunId !== undefined && {parentRunId}),
			} as const;
			const facts = await send(command, parentRunId === undefined ? operator : agentOf(parentRunId));
			return {
				session: facts.find(fact => fact.type === 'session.created')!.session.id,
				run: facts.find(fact => fact.type === 'run.queued')!.run.id,
			};
		},
		/** The same, running. */
		async start(options: Partial<CommandOf<'session.create'>> = {}) {
			const ids = await this.queue(options);
			await send({type: 'queue.dispatch'}, system);
			await send({type: 'attempt.started', ...attempt(ids.run), pid: 7}, launcherActor);
			return ids;
		},
		async raise(
			runId: string,
			{kind = 'approval', text = 'May I?', payload}: {kind?: EscalationKind; text?: string; payload?: EscalationPayload} = {},
		) {
			const fingerprint = canonicalPlan({...attempt(runId), kind, text, ...(payload && {payload})});
			const command = {type: 'escalation.raise', runId, kind, text, blocking: true, fingerprint, ...(payload && {payload})} as const;
			const facts = await send(command, agentOf(runId));
			return facts.find(fact => fact.type === 'escalation.raised')!.escalation.id;
		},
		exited: (runId: string, exitCode: number | null = 0, processes = 1) =>
			send(
				{
					type: 'attempt.exited',
					...attempt(runId),
					exitCode,
					signal: exitCode === null ? 15 : null,
					...(exitCode === null && {proof: {processes, survivors: 0, killed: false}}),
				},
				launcherActor,
			),
		async close() {
			await store.close();
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
