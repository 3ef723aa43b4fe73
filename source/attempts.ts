import {randomUUID} from 'node:crypto';
import {rmSync} from 'node:fs';
import path from 'node:path';
import type {Fact, FactOf} from '../state/fact.js';
import type {AgentAdapter, LaunchPlan} from './agent-adapter.js';
import {agentEnvironment} from './agent-env.js';
import {writeAttemptFolder} from './attempt-folder.js';
import {bindThread} from './bind-thread.js';
import {findExecutable} from './find-executable.js';
import {interruptAgent} from './interrupt-agent.js';
import {type LauncherPort, ptyIdOf, type SpawnRequest} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';
import type {Paths} from './paths.js';
import type {Tokens} from './run-token.js';
import {typeFirstLine} from './type-first-line.js';

export type PtySize = {readonly columns: number; readonly rows: number};

export type AttemptsOptions = {
	readonly orchestrator: Orchestrator;
	readonly launcher: LauncherPort;
	/** Every adapter by its name. */
	readonly adapters: ReadonlyMap<string, AgentAdapter>;
	readonly paths: Paths;
	readonly tokens: Tokens;
	readonly env: NodeJS.ProcessEnv;
	/** The size new ptys get: the operator's terminal, so that attaching changes nothing. */
	readonly ptySize: () => PtySize;
	/** Interrupts a run's agent through its own protocol; `false` where there is none. */
	readonly interruptChannel?: (runId: string) => Promise<boolean>;
	readonly log: Log;
};

/** What is started for a claimed run, and what its session and agent are. */
const planOf = ({orchestrator, adapters, paths, env}: AttemptsOptions, {runId, generation}: FactOf<'run.starting'>) => {
	const state = orchestrator.getState();
	const run = state.runs[runId]!;
	const session = state.sessions[run.sessionId]!;
	const profile = state.agents[session.agent]!;
	const adapter = adapters.get(profile.adapter)!;
	const folder = paths.attemptFolder(ptyIdOf({runId, generation}));
	const plan: LaunchPlan = adapter.plan({
		profile,
		text: run.text,
		env,
		cwd: session.cwd,
		folder,
		...(session.threadId !== undefined && {threadId: session.threadId}),
		hookCommand: [path.join(paths.binFolder, 'agentctl'), 'hook', '--folder', folder],
		newUuid: randomUUID,
	});
	return {session, profile, adapter, folder, plan};
};

/** What the launcher is asked for one claimed run, and what is typed first. Throws a sentence when the agent's program is not there. */
const spawnRequest = (options: AttemptsOptions, fact: FactOf<'run.starting'>): {request: SpawnRequest; typed: string | undefined} => {
	const {paths, tokens, env} = options;
	const {runId, generation} = fact;
	const {session, profile, adapter, folder, plan} = planOf(options, fact);
	const attempt = {runId, generation};
	const {threadId, files, typed} = plan;
	const tokenFile = writeAttemptFolder(folder, {
		token: tokens.ofAttempt(attempt),
		attempt: {...attempt, sessionId: session.id, socket: paths.gatewaySocket, adapter: adapter.name, ...(threadId && {threadId})},
		files,
	});
	const identity = {
		AGENT_TUI_SOCKET: paths.gatewaySocket,
		AGENT_TUI_RUN_ID: runId,
		AGENT_TUI_SESSION_ID: session.id,
		AGENT_TUI_GENERATION: String(generation),
		AGENT_TUI_TOKEN_FILE: tokenFile,
	};
	const environment = agentEnvironment({env, passed: adapter.passedEnv, added: plan.env, identity, binFolder: paths.binFolder});
	const found = (program: string): string => {
		const file = findExecutable(program, {searchPath: environment['PATH'] ?? '', cwd: session.cwd});
		if (file === undefined) {
			throw new Error(`${JSON.stringify(program)} was not found on the PATH of agent ${session.agent}.`);
		}

		return file;
	};

	// The plan may start it through a program of ours; it has to be there all the same.
	found(adapter.program === undefined ? plan.file : (profile.argv?.[0] ?? adapter.program));
	const request = {
		...attempt,
		sessionId: session.id,
		file: found(plan.file),
		args: plan.args,
		cwd: session.cwd,
		env: environment,
		...options.ptySize(),
		title: session.label,
		recordingPath: paths.recording(ptyIdOf(attempt)),
		adapter: adapter.name,
	};
	return {request, typed};
};

const start = async (options: AttemptsOptions, fact: FactOf<'run.starting'>): Promise<void> => {
	const {orchestrator, launcher, log} = options;
	const {runId, generation} = fact;
	const actor = {role: 'launcher', launcherId: fact.launcherId} as const;
	let planned: ReturnType<typeof spawnRequest>;
	try {
		planned = spawnRequest(options, fact);
	} catch (error) {
		const sentence = error instanceof Error ? error.message : String(error);
		await orchestrator.send({type: 'attempt.spawn-failed', runId, generation, sentence}, {actor});
		return;
	}

	try {
		await launcher.spawn(planned.request);
	} catch (error) {
		log(`The launcher did not take ${ptyIdOf(fact)}.`, error);
		await orchestrator.send({type: 'attempt.lost', runId, generation, sentence: 'the launcher did not take it'}, {actor});
		return;
	}

	if (planned.typed !== undefined) {
		await typeFirstLine({launcher, ptyId: ptyIdOf(fact), text: planned.typed});
	}
};

const stop = async ({orchestrator, launcher}: AttemptsOptions, {runId}: FactOf<'run.stopping'>): Promise<void> => {
	const {limits, runs} = orchestrator.getState();
	const run = runs[runId]!;
	const {generation} = run;
	const ptyId = ptyIdOf({runId, generation});
	await launcher.stop(ptyId, {graceMs: limits.stopGraceMs});
	// A pty that the launcher never had tells no exit; without this the run would be stopping for ever.
	const isKnown = (await launcher.list()).some(pty => pty.ptyId === ptyId);
	if (!isKnown) {
		// Said by the coordinator: the attempt may have been on an earlier launcher.
		const actor = {role: 'system'} as const;
		await orchestrator.send({type: 'attempt.lost', runId, generation, sentence: 'the launcher had no such process'}, {actor});
	}
};

const typeMessage = async (options: AttemptsOptions, {message}: FactOf<'message.typed'>): Promise<void> => {
	const {orchestrator, launcher, adapters, interruptChannel} = options;
	const {runs, sessions, agents} = orchestrator.getState();
	const {id: runId, generation, sessionId} = runs[message.runId]!;
	const ptyId = ptyIdOf({runId, generation});
	if (message.interrupts) {
		const {adapter} = agents[sessions[sessionId]!.agent]!;
		const keys = adapters.get(adapter)?.interruptKeys;
		await interruptAgent({launcher, ptyId, runId, ...(keys !== undefined && {keys}), ...(interruptChannel && {interruptChannel})});
	}

	await launcher.typeLine(ptyId, message.text);
};

const perform = async (options: AttemptsOptions, fact: Fact): Promise<void> => {
	switch (fact.type) {
		case 'run.starting': {
			await start(options, fact);
			return;
		}

		case 'run.stopping': {
			await stop(options, fact);
			return;
		}

		case 'message.typed': {
			await typeMessage(options, fact);
			return;
		}

		case 'run.accepted':
		case 'run.status-changed': {
			await bindThread(options, fact);
			return;
		}

		case 'run.ended':
		case 'run.released':
		case 'run.retrying':
		case 'run.dead-lettered': {
			// The token is worth nothing any more; neither is its folder.
			rmSync(options.paths.attemptFolder(ptyIdOf(fact)), {recursive: true, force: true});
		}
	}
};

/** Does in the world what the facts say: starts claimed runs, stops stopping ones, types messages. Returns how to end that. */
export const performAttempts = (options: AttemptsOptions): (() => void) =>
	options.orchestrator.subscribe(facts => {
		for (const {fact} of facts) {
			perform(options, fact).catch((error: unknown) => {
				options.log(`Could not act on ${fact.type}.`, error);
			});
		}
	});
