import {isLive} from '../state/run/run.js';
import type {AgentAdapter} from './agent-adapter.js';
import {requestIdOf} from './agent-request.js';
import {type Activity, type LauncherPort, ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

export type SilentRefusalsOptions = {
	readonly orchestrator: Orchestrator;
	readonly launcher: LauncherPort;
	/** Every adapter by its name. */
	readonly adapters: ReadonlyMap<string, AgentAdapter>;
	readonly log: Log;
	/** How long a question must be gone before that is believed: a screen that is drawn anew lacks it for a moment. */
	readonly goneMs?: number;
};

/**
 * Withdraws what agents ask through a channel that does not tell when it is refused on their own screen: the screen shows an agent that is
 * idle and asks nothing. Returns how to end that.
 */
export const watchSilentRefusals = ({orchestrator, launcher, adapters, log, goneMs = 2000}: SilentRefusalsOptions): (() => void) => {
	/** By pty: the question is gone from its screen since then. */
	const leaving = new Map<string, NodeJS.Timeout>();

	const runOf = (ptyId: string) => {
		const {runs, sessions, agents} = orchestrator.getState();
		const run = runs[ptyId.slice(0, ptyId.lastIndexOf('.'))];
		const isCurrent = run !== undefined && isLive(run) && ptyIdOf({runId: run.id, generation: run.generation}) === ptyId;
		const profile = isCurrent ? agents[sessions[run.sessionId]?.agent ?? ''] : undefined;
		return adapters.get(profile?.adapter ?? '')?.refusesSilently ? run : undefined;
	};

	const openOf = (runId: string, generation: number): readonly string[] => {
		const {escalations, index} = orchestrator.getState();
		return [...index.openEscalations].filter(id => {
			const escalation = escalations[id]!;
			return escalation.runId === runId && escalation.generation === generation && requestIdOf(escalation) !== undefined;
		});
	};

	const stay = (ptyId: string): void => {
		clearTimeout(leaving.get(ptyId));
		leaving.delete(ptyId);
	};

	const withdraw = async (ptyId: string, asked: readonly string[]): Promise<void> => {
		leaving.delete(ptyId);
		const run = runOf(ptyId);
		if (!run) {
			return;
		}

		for (const escalationId of asked.filter(id => orchestrator.getState().escalations[id]?.state === 'open')) {
			const why = 'it was answered on the agent’s own screen';
			await orchestrator.send({type: 'escalation.withdraw', escalationId, why}, {actor: {role: 'system'}});
		}

		const nowMs = orchestrator.now();
		const evidence = 'its question left its screen';
		const status = {activity: 'idle', source: 'protocol', confidence: 0.7, sinceMs: nowMs, seenMs: nowMs, evidence} as const;
		const actor = {role: 'launcher', launcherId: launcher.launcherId} as const;
		const report = {kind: 'status', status} as const;
		await orchestrator.send({type: 'agent.report', runId: run.id, generation: run.generation, report}, {actor});
	};

	const hear = ({ptyId, prompt, status}: Activity): void => {
		const isIdle = prompt === undefined && (status?.activity === 'idle' || status?.activity === 'done');
		const run = isIdle ? runOf(ptyId) : undefined;
		const asked = run ? openOf(run.id, run.generation) : [];
		if (asked.length === 0) {
			stay(ptyId);
			return;
		}

		if (!leaving.has(ptyId)) {
			const leave = (): void => {
				withdraw(ptyId, asked).catch((error: unknown) => {
					log(`Could not withdraw what left the screen of ${ptyId}.`, error);
				});
			};
			leaving.set(ptyId, setTimeout(leave, goneMs));
		}
	};

	const unsubscribe = launcher.onActivity(hear);
	return () => {
		unsubscribe();
		for (const ptyId of [...leaving.keys()]) {
			stay(ptyId);
		}
	};
};
