import type {Actor} from '../../state/actor.js';
import type {Refusal} from '../../state/refusal.js';
import {isOver} from '../../state/run/run.js';
import type {Log} from '../log.js';
import type {Orchestrator} from '../orchestrator.js';

/** Which agents wait at an open connection for which runs. */
export type AgentWaits = {
	/** The agent's run waits for another one from now on and gives its slot back; the refusal when that would close a circle. */
	arrive(waiter: string, awaited: string): Promise<Refusal | undefined>;
	/** It waits for it no longer: the time is up, the connection closed, or it has its answer. */
	leave(waiter: string, awaited: string): Promise<void>;
	/** Whether the run has its slot back, as far as the runs go that it waits for here. */
	isFree(waiter: string): boolean;
	/** From now on a closed connection means nothing: it is the gateway that closes, and the agent will ask the next one. */
	close(): void;
};

/**
 * Keeps State's one wait of a run in step with however many its agent has open at once: the run waits for all that are not over yet. Changes
 * for one run follow one another.
 */
export const createAgentWaits = ({orchestrator, log}: {orchestrator: Orchestrator; log: Log}): AgentWaits => {
	const open = new Map<string, Map<string, number>>();
	const turns = new Map<string, Promise<unknown>>();
	let isClosed = false;

	const isOpenRun = (id: string): boolean => {
		const run = orchestrator.getState().runs[id];
		return run !== undefined && !isOver(run);
	};
	const awaitsOf = (waiter: string): readonly string[] => {
		const run = orchestrator.getState().runs[waiter];
		return run?.state === 'waiting' && run.reason === 'child' ? (run.awaits?.runIds ?? []) : [];
	};
	const wantedOf = (waiter: string): readonly string[] => [...(open.get(waiter)?.keys() ?? [])].filter(isOpenRun);

	const agree = async (waiter: string): Promise<Refusal | undefined> => {
		const actor: Actor = {role: 'agent', runId: waiter};
		const [wanted, had] = [wantedOf(waiter), awaitsOf(waiter)];
		const isIdle = wanted.length === 0 && had.length === 0;
		const isKept = wanted.length > 0 && wanted.every(id => had.includes(id)) && had.every(id => wanted.includes(id) || !isOpenRun(id));
		if (isIdle || isKept) {
			return undefined;
		}

		if (had.length > 0) {
			await orchestrator.send({type: 'run.stop-waiting', runId: waiter}, {actor});
		}

		if (wanted.length === 0) {
			return undefined;
		}

		const sent = await orchestrator.send({type: 'run.wait', runId: waiter, awaits: {runIds: wanted, mode: 'all'}}, {actor});
		return sent.refused;
	};

	const inTurn = <Result>(waiter: string, work: () => Promise<Result>): Promise<Result> => {
		const turn = (turns.get(waiter) ?? Promise.resolve()).then(work);
		const settled = turn.catch(() => undefined);
		turns.set(waiter, settled);
		void settled.then(() => turns.get(waiter) === settled && turns.delete(waiter));
		return turn;
	};

	const add = (waiter: string, awaited: string, by: number): void => {
		const counts = open.get(waiter) ?? new Map<string, number>();
		const count = (counts.get(awaited) ?? 0) + by;
		if (count > 0) {
			counts.set(awaited, count);
		} else {
			counts.delete(awaited);
		}

		if (counts.size === 0) {
			open.delete(waiter);
		} else {
			open.set(waiter, counts);
		}
	};

	return {
		arrive: (waiter, awaited) =>
			inTurn(waiter, async () => {
				add(waiter, awaited, 1);
				const refused = await agree(waiter);
				// An agent that is held by something else already (an approval, say) has given its slot back: it waits here without an edge.
				if (refused?.code !== 'DEADLOCK_DETECTED') {
					return undefined;
				}

				add(waiter, awaited, -1);
				await agree(waiter);
				return refused;
			}),
		leave: (waiter, awaited) =>
			inTurn(waiter, async () => {
				add(waiter, awaited, -1);
				if (!isClosed) {
					await agree(waiter);
				}
			}).catch((error: unknown) => {
				log(`Could not note that ${waiter} waits no longer.`, error);
			}),
		isFree: waiter => awaitsOf(waiter).length === 0 || wantedOf(waiter).length > 0,
		close() {
			isClosed = true;
		},
	};
};
