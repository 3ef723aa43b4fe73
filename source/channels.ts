import type {Fact} from '../state/fact.js';
import {currentAttempt, isLive, type Run} from '../state/run/run.js';
import type {AgentAdapter} from './agent-adapter.js';
import {type AttemptChannel, type Hearing, keepAttemptChannel} from './attempt-channel.js';
import {ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';
import type {Paths} from './paths.js';

export type ChannelsOptions = {
	readonly orchestrator: Orchestrator;
	/** Every adapter by its name. */
	readonly adapters: ReadonlyMap<string, AgentAdapter>;
	readonly paths: Pick<Paths, 'attemptFolder'>;
	readonly env: NodeJS.ProcessEnv;
	readonly log: Log;
	/** How long to wait before a channel that could not be opened is tried again; doubles each time. */
	readonly firstPauseMs?: number;
};

/** The connections to the agents that have a protocol of their own. */
export type Channels = {
	/** Interrupts the turn of a run's agent through its protocol; `false` when there is no such way. */
	interrupt(runId: string): Promise<boolean>;
	/** Closes every channel. The agents keep their own dialogs, and a later coordinator connects again. */
	close(): void;
};

const escalationOf = (fact: Fact): string | undefined =>
	fact.type === 'escalation.decided' || fact.type === 'escalation.expired' || fact.type === 'escalation.withdrawn'
		? fact.escalationId
		: undefined;

/** Its process runs: it has reported its start and no end. */
const hasProcess = (run: Run | undefined): run is Run => {
	const attempt = run && currentAttempt(run);
	return run !== undefined && isLive(run) && attempt?.startedAtMs !== undefined && attempt.endedAtMs === undefined;
};

/**
 * Opens a channel to every live attempt whose adapter has one, as soon as it runs and again after a restart of the coordinator, and closes
 * it when the attempt is over.
 */
export const openChannels = ({orchestrator, adapters, paths, env, log, firstPauseMs = 1000}: ChannelsOptions): Channels => {
	const open = new Map<string, AttemptChannel>();

	const openFor = (runId: string): void => {
		const state = orchestrator.getState();
		const run = state.runs[runId];
		const session = run && state.sessions[run.sessionId];
		const profile = session && state.agents[session.agent];
		const adapter = profile && adapters.get(profile.adapter);
		if (!hasProcess(run) || !adapter?.openChannel || open.has(runId)) {
			return;
		}

		const attempt = {runId, generation: run.generation};
		const {cwd, threadId} = session!;
		const folder = paths.attemptFolder(ptyIdOf(attempt));
		const context = {profile: profile!, env, cwd, folder, ...(threadId !== undefined && {threadId})};
		const openChannel = (hearing: Hearing) => adapter.openChannel!({...context, ...hearing});
		open.set(runId, keepAttemptChannel({...attempt, orchestrator, log, firstPauseMs, open: openChannel}));
	};

	const closeUnlessLive = (runId: string): void => {
		const channel = open.get(runId);
		const run = orchestrator.getState().runs[runId];
		const isSame = hasProcess(run) && run.generation === channel?.generation;
		if (channel && !isSame) {
			open.delete(runId);
			channel.close();
		}
	};

	const hear = (fact: Fact): void => {
		const escalationId = escalationOf(fact);
		if (escalationId !== undefined) {
			const {runId} = orchestrator.getState().escalations[escalationId] ?? {};
			open.get(runId ?? '')?.settle(escalationId);
		}

		if (fact.type.startsWith('run.') && 'runId' in fact) {
			closeUnlessLive(fact.runId);
		}

		if (fact.type === 'run.running') {
			openFor(fact.runId);
		}
	};

	const unsubscribe = orchestrator.subscribe(facts => {
		for (const {fact} of facts) {
			hear(fact);
		}
	});
	for (const runId of [...orchestrator.getState().index.live]) {
		openFor(runId);
	}

	return {
		interrupt: async runId => (await open.get(runId)?.interrupt()) ?? false,
		close() {
			unsubscribe();
			for (const channel of open.values()) {
				channel.close();
			}

			open.clear();
		},
	};
};
