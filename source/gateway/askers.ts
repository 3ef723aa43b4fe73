import type {Command} from '../../state/command.js';
import type {Log} from '../log.js';
import type {Orchestrator} from '../orchestrator.js';

/** Who waits at an open connection for the answer to which escalation. */
export type Askers = {
	/** Somebody waits for it now. */
	arrive(escalationId: string): void;
	/** A connection that waited for it closed before the answer was written. */
	leave(escalationId: string): void;
	/** The answer was written to its asker. */
	delivered(escalationId: string): void;
	/** Marks every open request that held its agent: whoever asked before this gateway started is not connected to it. */
	markAllGone(): Promise<void>;
	/** From now on a closed connection means nothing: it is the gateway that closes. */
	close(): void;
};

const system = {actor: {role: 'system'}} as const;

/**
 * Watches over the askers: one that leaves has `graceMs` to come back (a retried request finds its escalation again), then what it asked
 * is withdrawn, because nobody would hear the answer.
 */
export const createAskers = ({orchestrator, graceMs, log}: {orchestrator: Orchestrator; graceMs: number; log: Log}): Askers => {
	const waiting = new Map<string, number>();
	const leaving = new Map<string, NodeJS.Timeout>();
	let isClosed = false;

	const send = async (command: Command): Promise<void> => {
		try {
			await orchestrator.send(command, system);
		} catch (error) {
			log(`Could not note ${command.type}.`, error);
		}
	};

	const isOpen = (escalationId: string): boolean => orchestrator.getState().escalations[escalationId]?.state === 'open';

	const forget = (escalationId: string): void => {
		clearTimeout(leaving.get(escalationId));
		leaving.delete(escalationId);
	};

	return {
		arrive(escalationId) {
			forget(escalationId);
			waiting.set(escalationId, (waiting.get(escalationId) ?? 0) + 1);
			void send({type: 'escalation.asker', escalationId, gone: false});
		},
		leave(escalationId) {
			const others = (waiting.get(escalationId) ?? 1) - 1;
			if (others > 0) {
				waiting.set(escalationId, others);
				return;
			}

			waiting.delete(escalationId);
			if (isClosed || !isOpen(escalationId)) {
				return;
			}

			const withdraw = (): void => {
				leaving.delete(escalationId);
				if (isOpen(escalationId)) {
					void send({type: 'escalation.withdraw', escalationId, why: 'the agent stopped waiting for the answer'});
				}
			};
			leaving.set(escalationId, setTimeout(withdraw, graceMs));
		},
		delivered(escalationId) {
			void send({type: 'escalation.deliver', escalationId});
		},
		async markAllGone() {
			const state = orchestrator.getState();
			const held = [...state.index.openEscalations].filter(id => state.escalations[id]!.blocking && !waiting.has(id));
			await Promise.all(held.map(escalationId => send({type: 'escalation.asker', escalationId, gone: true})));
		},
		close() {
			isClosed = true;
			for (const escalationId of [...leaving.keys()]) {
				forget(escalationId);
			}
		},
	};
};
