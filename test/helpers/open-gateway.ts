import {mkdtemp, realpath, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {nanoid} from 'nanoid';
import {adapters} from '../../source/agents/registry.js';
import {createClock} from '../../source/clock.js';
import {startGateway} from '../../source/gateway/gateway.js';
import {createOrchestrator} from '../../source/orchestrator.js';
import {startOutbox} from '../../source/outbox.js';
import {pathsOf} from '../../source/paths.js';
import {openTokens} from '../../source/run-token.js';
import {openStore} from '../../source/store/open-store.js';
import type {Actor} from '../../state/actor.js';
import type {Command} from '../../state/command.js';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import {type HttpRequest, http, openHttp} from './http.js';
import {launcher, system} from './state-fleet.js';

export type GatewayTestOptions = {
	/** Names of agents and of their adapters; `shell` and `codex` unless told otherwise. */
	readonly agents?: readonly string[];
	readonly limits?: Partial<Limits>;
	readonly tcp?: boolean;
	readonly askerGraceMs?: number;
	readonly extraOperatorTokens?: readonly string[];
	/** Lets a run start: without one the queue stands. */
	readonly hasLauncher?: boolean;
	/** Tells parents what their children left behind, with no launcher to read it from. */
	readonly hasOutbox?: boolean;
	/** Added to the monotonic clock, so that a test can let time pass. */
	readonly skewMs?: () => number;
};

/** A run with its agent alive, as its launcher would have reported it. */
export type LiveRun = {readonly sessionId: string; readonly runId: string; readonly generation: number; readonly token: string};

export type TestGateway = Awaited<ReturnType<typeof openGateway>>;

const agentsNamed = (names: readonly string[]) =>
	names.map(name => ({name, adapter: name, argv: [name, '--profile', 'work', '-v'], description: name}));

const openParts = async (folder: string, options: GatewayTestOptions) => {
	const paths = pathsOf(folder);
	const {store, state} = await openStore({folder, role: 'agentd'});
	const clock = createClock({notBeforeMs: state.lastAtMs});
	const orchestrator = createOrchestrator({
		store,
		state,
		clock: {now: () => clock.now() + (options.skewMs?.() ?? 0)},
		newId: prefix => `${prefix}_${nanoid(12)}`,
	});
	await orchestrator.send(
		{type: 'settings.configure', agents: agentsNamed(options.agents ?? ['shell', 'codex']), limits: {...defaultLimits, ...options.limits}},
		{actor: system},
	);
	if (options.hasLauncher !== false) {
		await orchestrator.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, {actor: launcher});
	}

	const tokens = openTokens(paths.operatorTokenFile);
	const log: string[] = [];
	const gateway = await startGateway({
		orchestrator,
		launcher: () => undefined,
		tokens,
		paths,
		log: (sentence, error) => log.push(`${sentence} ${error instanceof Error ? error.stack : ''}`),
		hooksOf: name => adapters.get(name)?.hooks,
		readFacts: store.read,
		project: folder,
		askerGraceMs: options.askerGraceMs ?? 60_000,
		...(options.tcp && {tcp: {port: 0}}),
		...(options.extraOperatorTokens && {extraOperatorTokens: options.extraOperatorTokens}),
	});
	const stopOutbox = options.hasOutbox
		? startOutbox({orchestrator, launcher: () => undefined, recording: id => id, log: () => {}, gatherMs: 60_000})
		: () => {};
	return {paths, store, orchestrator, tokens, gateway, log, stopOutbox};
};

/**
 * The real gateway over the real orchestrator and store in a folder of its own. Launchers are played by the reports they would send.
 * `await using` closes it and removes the folder.
 */
export const openGateway = async (options: GatewayTestOptions = {}) => {
	const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'gw-')));
	const folder = path.join(parent, 'state');
	let parts = await openParts(folder, options);

	const close = async (): Promise<void> => {
		parts.stopOutbox();
		await parts.gateway.close();
		await parts.store.close();
	};

	const sent = async (command: Command, actor: Actor = system) => {
		const answer = await parts.orchestrator.send(command, {actor});
		if (answer.refused) {
			throw new Error(answer.refused.sentence);
		}

		// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
		return answer.answer as any;
	};

	const place = () => ({socketPath: parts.paths.gatewaySocket});

	return {
		folder,
		parts: () => parts,
		state: () => parts.orchestrator.getState(),
		operator: () => parts.tokens.operator,
		place,
		port: () => Number(new URL(parts.gateway.address!).port),
		/** Sends a command as the system, or as somebody else. */
		sent,
		/** One request, as the operator unless `token` says otherwise (`token: undefined` sends none). */
		http: (request: HttpRequest) => http(place(), {token: parts.tokens.operator, ...request}),
		openHttp: (request: HttpRequest) => openHttp(place(), {token: parts.tokens.operator, ...request}),
		/** Starts a run, as the child of another one if asked, up to the report that its process is there. */
		async live({parent: parentRunId, agent = 'shell'}: {parent?: string; agent?: string} = {}): Promise<LiveRun> {
			const created = await sent({type: 'session.create', agent, cwd: folder, text: 'work', ...(parentRunId && {parentRunId})});
			const {id: runId, generation} = (await sent({type: 'queue.dispatch'})).run;
			await sent({type: 'attempt.started', runId, generation, pid: 4242}, launcher);
			return {sessionId: created.session.id, runId, generation, token: parts.tokens.ofAttempt({runId, generation})};
		},
		/** Ends a live run as its launcher would report it. */
		ends: ({runId, generation}: LiveRun, exitCode = 0) =>
			sent({type: 'attempt.exited', runId, generation, exitCode, signal: null}, launcher),
		/** Leaves, as a coordinator does that is stopped, and lets another one begin in the same folder. */
		async restart(): Promise<void> {
			await close();
			parts = await openParts(folder, options);
		},
		stop: close,
		async start(): Promise<void> {
			parts = await openParts(folder, options);
		},
		async [Symbol.asyncDispose](): Promise<void> {
			await close();
			await rm(parent, {recursive: true, force: true});
		},
	};
};
