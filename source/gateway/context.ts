import type {FastifyRequest} from 'fastify';
import type {Command} from '../../state/command.js';
import type {Json} from '../../state/json.js';
import type {Run} from '../../state/run/run.js';
import type {Session} from '../../state/session/session.js';
import type {AgentHooks} from '../agent-adapter.js';
import type {ProbedAgent} from '../agent-probe.js';
import {ExpectedError, exitCodes} from '../errors.js';
import type {LauncherPort} from '../launcher-port.js';
import type {Log} from '../log.js';
import type {Orchestrator} from '../orchestrator.js';
import type {Recorded} from '../store-port.js';
import type {AgentWaits} from './agent-waits.js';
import type {Askers} from './askers.js';
import type {Caller} from './auth.js';
import {refusalStatus} from './refusal-status.js';
import {RequestError} from './request-error.js';
import {readIdempotencyKey, runId, sessionId} from './schemas.js';

/** What every route works with. */
export type GatewayContext = {
	readonly orchestrator: Orchestrator;
	readonly launcher: () => LauncherPort | undefined;
	/** Facts above a sequence number, from disk. */
	readonly readFacts: (afterSeq: number) => AsyncIterable<Recorded>;
	/** Where a session starts that names no folder. */
	readonly project: string;
	/** The unix socket this gateway listens on. */
	readonly socketPath: string;
	readonly version: string;
	readonly startedAtMs: number;
	readonly log: Log;
	readonly askers: Askers;
	readonly waits: AgentWaits;
	/** Aborted when the gateway closes: every wait ends then. */
	readonly closing: AbortSignal;
	/** How the hooks of an adapter are read and answered; nothing for agents without hooks. */
	readonly hooksOf: (adapter: string) => AgentHooks | undefined;
	/** The agent programs that are installed, by the name of their adapter. */
	readonly probeAgents: () => Promise<readonly ProbedAgent[]>;
	/** Who sent a request; set before any handler runs. */
	readonly callerOf: (request: FastifyRequest) => Caller;
};

/** Sends a command for the sender of a request and gives the answer; a refusal becomes a `RequestError` with its status. */
export const ask = async (context: GatewayContext, request: FastifyRequest, command: Command): Promise<Json> => {
	const {orchestrator, callerOf} = context;
	const idempotencyKey = readIdempotencyKey(request.body, request.headers['idempotency-key']);
	const sent = await sendDurably(orchestrator, command, {actor: callerOf(request).actor, idempotencyKey});
	if (sent.refused) {
		throw new RequestError(refusalStatus(sent.refused, command.type), sent.refused.code, sent.refused.sentence);
	}

	return sent.answer;
};

/** The same promise as `send`, with a disk that failed under it told as what it is (507). */
const sendDurably = async (...[orchestrator, command, sender]: [Orchestrator, ...Parameters<Orchestrator['send']>]) => {
	try {
		return await orchestrator.send(command, sender);
	} catch (error) {
		const isDisk = error instanceof ExpectedError && error.exitCode === exitCodes.ioError;
		throw isDisk ? new RequestError(507, 'STORE_FAILED', error.message) : error;
	}
};

/** Throws a `RequestError` (403) when the sender is an agent and the session belongs to another tree: it sees only its own. */
export const checkVisible = (context: GatewayContext, request: FastifyRequest, session: Session): void => {
	if (!isVisible(context, context.callerOf(request), session)) {
		throw new RequestError(403, 'FORBIDDEN', 'An agent sees only the sessions of its own tree.');
	}
};

/** Whether the caller may see a session. */
export const isVisible = ({orchestrator}: Pick<GatewayContext, 'orchestrator'>, {attempt}: Caller, session: Session): boolean => {
	if (!attempt) {
		return true;
	}

	const {sessions, runs} = orchestrator.getState();
	return sessions[runs[attempt.runId]?.sessionId ?? '']?.rootId === session.rootId;
};

/** The session a path or body names. Throws a `RequestError`: 404 when there is none, 403 when the sender may not see it. */
export const sessionNamed = (context: GatewayContext, request: FastifyRequest, id: string): Session => {
	const session = sessionId.safeParse(id).success ? context.orchestrator.getState().sessions[id] : undefined;
	if (!session) {
		throw new RequestError(404, 'UNKNOWN_SESSION', `There is no session ${id}.`);
	}

	checkVisible(context, request, session);
	return session;
};

/** The run a path or body names, under the same rules. */
export const runNamed = (context: GatewayContext, request: FastifyRequest, id: string): Run => {
	const state = context.orchestrator.getState();
	const run = runId.safeParse(id).success ? state.runs[id] : undefined;
	if (!run) {
		throw new RequestError(404, 'UNKNOWN_RUN', `There is no run ${id}.`);
	}

	checkVisible(context, request, state.sessions[run.sessionId]!);
	return run;
};
