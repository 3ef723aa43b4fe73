import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Fact, FactOf} from '../state/fact.js';
import type {AgentAdapter} from './agent-adapter.js';
import {agentEnvironment} from './agent-env.js';
import {findExecutable} from './find-executable.js';
import {type LauncherPort, ptyIdOf, type SpawnRequest} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';
import type {Paths} from './paths.js';
import type {Tokens} from './run-token.js';

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
	readonly log: Log;
};

const writeToken = ({paths, tokens}: AttemptsOptions, attempt: {runId: string; generation: number}): string => {
	const folder = paths.attemptFolder(ptyIdOf(attempt));
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const file = path.join(folder, 'token');
	writeFileSync(file, tokens.ofAttempt(attempt), {mode: 0o600});
	return file;
};

/** What the launcher is asked for one claimed run. Throws a sentence when the agent's program is not there. */
const spawnRequest = (options: AttemptsOptions, {runId, generation}: FactOf<'run.starting'>): SpawnRequest => {
	const {orchestrator, adapters, paths, env} = options;
	const state = orchestrator.getState();
	const run = state.runs[runId]!;
	const session = state.sessions[run.sessionId]!;
	const profile = state.agents[session.agent]!;
	const adapter = adapters.get(profile.adapter)!;
	const attempt = {runId, generation};
	const plan = adapter.plan({profile, text: run.text, env});
	const identity = {
		AGENT_TUI_SOCKET: paths.gatewaySocket,
		AGENT_TUI_RUN_ID: runId,
		AGENT_TUI_SESSION_ID: session.id,
		AGENT_TUI_GENERATION: String(generation),
		AGENT_TUI_TOKEN_FILE: writeToken(options, attempt),
	};
	const environment = agentEnvironment({env, passed: adapter.passedEnv, added: plan.env, identity, binFolder: paths.binFolder});
	const file = findExecutable(plan.file, {searchPath: environment['PATH'] ?? '', cwd: session.cwd});
	if (file === undefined) {
		throw new Error(`${JSON.stringify(plan.file)} was not found on the PATH of agent ${session.agent}.`);
	}

	return {
		...attempt,
		sessionId: session.id,
		file,
		args: plan.args,
		cwd: session.cwd,
		env: environment,
		...options.ptySize(),
		title: session.label,
		recordingPath: paths.recording(ptyIdOf(attempt)),
	};
};

const start = async (options: AttemptsOptions, fact: FactOf<'run.starting'>): Promise<void> => {
	const {orchestrator, launcher, log} = options;
	const {runId, generation} = fact;
	const actor = {role: 'launcher', launcherId: fact.launcherId} as const;
	let request: SpawnRequest;
	try {
		request = spawnRequest(options, fact);
	} catch (error) {
		const sentence = error instanceof Error ? error.message : String(error);
		await orchestrator.send({type: 'attempt.spawn-failed', runId, generation, sentence}, {actor});
		return;
	}

	try {
		await launcher.spawn(request);
	} catch (error) {
		log(`The launcher did not take ${ptyIdOf(fact)}.`, error);
		await orchestrator.send({type: 'attempt.lost', runId, generation, sentence: 'the launcher did not take it'}, {actor});
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
		const actor = {role: 'launcher', launcherId: launcher.launcherId} as const;
		await orchestrator.send({type: 'attempt.lost', runId, generation, sentence: 'the launcher had no such process'}, {actor});
	}
};

const perform = async (options: AttemptsOptions, fact: Fact): Promise<void> => {
	const {orchestrator, launcher, paths} = options;
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
			const run = orchestrator.getState().runs[fact.message.runId]!;
			await launcher.typeLine(ptyIdOf({runId: run.id, generation: run.generation}), fact.message.text);
			return;
		}

		case 'run.ended': {
			// The token is worth nothing any more; neither is its folder.
			rmSync(paths.attemptFolder(ptyIdOf(fact)), {recursive: true, force: true});
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
