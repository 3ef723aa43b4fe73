import type {Escalation} from '../state/escalation/escalation.js';
import type {AgentChannel, AgentRequest, ChannelContext, ChannelEvent} from './agent-adapter.js';
import {answerOf, raiseOf, requestIdOf} from './agent-request.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

/** One attempt's channel as the coordinator keeps it. */
export type AttemptChannel = {
	readonly runId: string;
	readonly generation: number;
	/** Hears that an escalation left `open`; those of other attempts mean nothing to it. */
	settle(escalationId: string): void;
	/** Interrupts the agent's turn; `false` when its protocol cannot or it is not connected. */
	interrupt(): Promise<boolean>;
	close(): void;
};

type Attempt = {readonly runId: string; readonly generation: number};

/** How a channel is heard. */
export type Hearing = Pick<ChannelContext, 'emit' | 'log'>;

const longestPauseMs = 30_000;

const system = {actor: {role: 'system'}} as const;

/** The open requests of this attempt, by escalation id, with the agent's names of them. */
const askedBefore = (orchestrator: Orchestrator, {runId, generation}: Attempt): ReadonlyArray<readonly [string, string]> => {
	const {escalations, index} = orchestrator.getState();
	return [...index.openEscalations].flatMap(id => {
		const escalation = escalations[id]!;
		const requestId = requestIdOf(escalation);
		const isOwn = escalation.runId === runId && escalation.generation === generation;
		return isOwn && requestId !== undefined ? [[id, requestId] as const] : [];
	});
};

type AttemptChannelOptions = {
	readonly runId: string;
	readonly generation: number;
	readonly orchestrator: Orchestrator;
	readonly open: (hearing: Hearing) => AgentChannel;
	readonly log: Log;
	readonly firstPauseMs: number;
};

/**
 * Keeps the channel of one live attempt: what the agent tells becomes commands, what was decided goes back to it. A request that is asked
 * again, after a reconnection or a restart of the coordinator, joins the escalation it has; one that was decided but not yet delivered is
 * answered with that decision. A channel that cannot be opened is tried again with growing pauses.
 */
export const keepAttemptChannel = (options: AttemptChannelOptions): AttemptChannel => {
	const {runId, generation, orchestrator, open, log, firstPauseMs} = options;
	const attempt = {runId, generation};
	const agent = {actor: {role: 'agent', runId}} as const;
	/** Escalation id → the agent's name of the request, while it waits for us; begins with what an earlier coordinator raised. */
	const asked = new Map(askedBefore(orchestrator, attempt));
	/** Requests that could not be raised, by the agent's name: tried again when another one closes. */
	const refused = new Map<string, AgentRequest>();
	let channel: AgentChannel | undefined;
	let timer: NodeJS.Timeout | undefined;
	let isClosed = false;
	let inOrder: Promise<unknown> = Promise.resolve();

	const escalationOf = (id: string): Escalation | undefined => orchestrator.getState().escalations[id];

	const queue = (what: string, work: () => Promise<void>): void => {
		inOrder = inOrder.then(work).catch((error: unknown) => {
			log(`Could not ${what} of ${runId}.`, error);
		});
	};

	const deliver = async (escalation: Escalation, requestId: string): Promise<void> => {
		const answered = await channel?.answer(requestId, answerOf(escalation));
		if (answered === 'taken') {
			await orchestrator.send({type: 'escalation.deliver', escalationId: escalation.id}, system);
		} else if (escalation.state !== 'withdrawn') {
			log(`The agent of ${runId} no longer waited for the answer to ${escalation.id}.`);
		}
	};

	const settle = (escalationId: string): void => {
		const requestId = asked.get(escalationId);
		const escalation = escalationOf(escalationId);
		if (isClosed || requestId === undefined || !escalation || escalation.state === 'open') {
			return;
		}

		asked.delete(escalationId);
		if (escalation.supersededBy !== undefined) {
			// What it would do changed: the agent waits for the request that took its place.
			asked.set(escalation.supersededBy, requestId);
			settle(escalation.supersededBy);
			return;
		}

		deliver(escalation, requestId).catch((error: unknown) => {
			log(`Could not answer the agent of ${runId}.`, error);
		});
		for (const request of refused.values()) {
			queue('raise a request', () => raise(request));
		}
	};

	/** A decision on this very request that the agent has not heard: the coordinator was gone before it could tell. */
	const undelivered = (fingerprint: string): Escalation | undefined =>
		Object.values(orchestrator.getState().escalations).find(
			escalation =>
				escalation.fingerprint === fingerprint &&
				escalation.runId === runId &&
				(escalation.state === 'answered' || escalation.state === 'expired') &&
				escalation.deliveredAtMs === undefined,
		);

	const escalationFor = (requestId: string): Escalation | undefined => {
		const [id] = [...asked].find(([, one]) => one === requestId) ?? [];
		return id === undefined ? undefined : escalationOf(id);
	};

	const raise = async (request: AgentRequest): Promise<void> => {
		const {requestId} = request;
		refused.delete(requestId);
		if (isClosed) {
			return;
		}

		const command = raiseOf(attempt, request);
		const before = escalationFor(requestId);
		if (before?.fingerprint === command.fingerprint) {
			await join(before.id);
			return;
		}

		if (before) {
			await withdraw(requestId, 'the agent asks for something else now');
		}

		const decided = undelivered(command.fingerprint);
		if (decided) {
			await deliver(decided, requestId);
			return;
		}

		const sent = await orchestrator.send(command, agent);
		if (sent.refused) {
			refused.set(requestId, request);
			log(`A request of ${runId} was not taken and stays on its own screen: ${sent.refused.sentence}`);
			return;
		}

		const {id} = (sent.answer as {readonly escalation: {readonly id: string}}).escalation;
		asked.set(id, requestId);
		await join(id);
	};

	/** The agent waits for this one at our connection. A policy, or somebody faster, may have decided already. */
	const join = async (escalationId: string): Promise<void> => {
		await orchestrator.send({type: 'escalation.asker', escalationId, gone: false}, system);
		settle(escalationId);
	};

	const withdraw = async (requestId: string, why: string): Promise<void> => {
		refused.delete(requestId);
		const escalation = escalationFor(requestId);
		if (!escalation) {
			return;
		}

		asked.delete(escalation.id);
		if (escalation.state === 'open') {
			await orchestrator.send({type: 'escalation.withdraw', escalationId: escalation.id, why}, agent);
		}
	};

	const withdrawAllBut = async (requestIds: readonly string[]): Promise<void> => {
		for (const requestId of new Set(asked.values())) {
			if (!requestIds.includes(requestId)) {
				await withdraw(requestId, 'it was answered elsewhere while nobody was connected');
			}
		}
	};

	const take = async (event: ChannelEvent): Promise<void> => {
		switch (event.type) {
			case 'report': {
				const sent = await orchestrator.send({type: 'agent.report', ...attempt, report: event.report}, agent);
				if (sent.refused) {
					log(`A report of ${runId} changed nothing: ${sent.refused.sentence}`);
				}

				return;
			}

			case 'request': {
				await raise(event.request);
				return;
			}

			case 'request-closed': {
				await withdraw(event.requestId, event.why);
				return;
			}

			case 'requests': {
				await withdrawAllBut(event.requestIds);
			}
		}
	};

	const emit = (event: ChannelEvent): void => {
		if (!isClosed) {
			queue(`take in a ${event.type}`, () => take(event));
		}
	};

	const tryToOpen = (pauseMs: number): void => {
		try {
			channel = open({emit, log});
		} catch (error) {
			const isFirst = pauseMs === firstPauseMs;
			if (isFirst) {
				log(`Could not open the channel to the agent of ${runId}; it is tried again.`, error);
			}

			timer = setTimeout(() => tryToOpen(Math.min(longestPauseMs, pauseMs * 2)), pauseMs);
			timer.unref();
		}
	};

	tryToOpen(firstPauseMs);
	return {
		...attempt,
		settle,
		async interrupt() {
			if (!channel?.interrupt) {
				return false;
			}

			try {
				await channel.interrupt();
				return true;
			} catch (error) {
				log(`Could not interrupt the agent of ${runId} through its protocol.`, error);
				return false;
			}
		},
		close() {
			isClosed = true;
			clearTimeout(timer);
			channel?.close();
		},
	};
};
