import process from 'node:process';
import type {FastifyInstance, FastifyRequest} from 'fastify';
import {agentBreakerKey, closedBreaker} from '../../state/breaker.js';
import {limitMeaning} from '../../state/limits.js';
import {queueCounts} from '../../state/queue-counts.js';
import {queueOrder} from '../../state/queue-order.js';
import {whyQueued} from '../../state/run-wait.js';
import {ask, type GatewayContext, isVisible} from './context.js';
import {RequestError} from './request-error.js';
import {breakerKey} from './schemas.js';
import {snakeCased, wireBreaker, wireQueueCounts} from './wire.js';

const keyOf = (request: FastifyRequest): string => {
	const {key} = request.params as {key: string};
	if (!breakerKey.safeParse(key).success) {
		throw new RequestError(404, 'UNKNOWN_BREAKER', `There is no breaker ${key}.`);
	}

	return key;
};

/** `GET /daemon/status`: whether the coordinator is well, and how much it has to do. */
const daemonStatus = ({orchestrator, launcher, version, startedAtMs}: GatewayContext) => {
	const state = orchestrator.getState();
	const {failure} = orchestrator;
	const aliveWorkers = Object.values(state.launchers).filter(({state: reach}) => reach === 'online').length;
	const isWell = !failure && aliveWorkers > 0;
	return {
		daemon_health: failure ? 'failing' : isWell ? 'ok' : 'degraded',
		why: failure?.message ?? (isWell ? null : 'No launcher is reachable: nothing can start.'),
		version,
		pid: process.pid,
		uptime_s: Math.floor((orchestrator.now() - startedAtMs) / 1000),
		alive_workers: aliveWorkers,
		launcher_reached: launcher() !== undefined,
		max_concurrency: state.limits.concurrent,
		slots_taken: state.index.slots,
		queue_counts: wireQueueCounts(queueCounts(state)),
		queue_paused_by: state.queuePausedBy ?? null,
		open_escalations: state.index.openEscalations.size,
		sessions: Object.keys(state.sessions).length,
	};
};

const queueRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;

	app.get('/queue', async request => {
		const state = orchestrator.getState();
		const caller = context.callerOf(request);
		const rows = queueOrder(state)
			.map((run, place) => ({run, session: state.sessions[run.sessionId]!, position: place + 1}))
			.filter(({session}) => isVisible(context, caller, session))
			.map(({run, session, position}) => {
				const reason = whyQueued(state, run, orchestrator.now());
				return {
					position,
					id: run.id,
					session_id: session.id,
					label: session.label,
					agent: session.agent,
					lane: run.lane,
					queued_at_ms: run.queuedAtMs,
					reason: reason?.code ?? null,
					sentence: reason?.sentence ?? null,
				};
			});
		return {paused_by: state.queuePausedBy ?? null, queue_counts: wireQueueCounts(queueCounts(state)), runs: rows};
	});

	app.post('/queue/pause', request => ask(context, request, {type: 'queue.pause'}));
	app.post('/queue/resume', request => ask(context, request, {type: 'queue.resume'}));
};

const breakerRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;

	app.get('/breakers', async () => {
		const {agents, breakers} = orchestrator.getState();
		const keys = new Set([...Object.keys(agents).map(agentBreakerKey), ...Object.keys(breakers)]);
		return {breakers: [...keys].map(key => wireBreaker(key, breakers[key] ?? closedBreaker))};
	});

	app.post('/breakers/:key/trip', request => ask(context, request, {type: 'breaker.trip', key: keyOf(request)}));
	app.post('/breakers/:key/reset', request => ask(context, request, {type: 'breaker.reset', key: keyOf(request)}));
	app.post('/breakers/:key/hold', request => ask(context, request, {type: 'breaker.hold', key: keyOf(request)}));
};

/** The fleet as a whole: its health, queue, breakers, launchers and limits. */
export const fleetRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, version} = context;

	app.get('/health', {config: {isOpen: true}}, async () => ({
		status: orchestrator.failure ? 'failing' : 'ok',
		name: 'agent-tui',
		version,
	}));
	app.get('/daemon/status', async () => daemonStatus(context));
	app.get('/launchers', async () => ({launchers: snakeCased(Object.values(orchestrator.getState().launchers))}));
	app.get('/limits', async () => ({
		limits: Object.entries(orchestrator.getState().limits).map(([name, value]) => ({
			name,
			value,
			meaning: limitMeaning[name as keyof typeof limitMeaning],
		})),
	}));
	queueRoutes(app, context);
	breakerRoutes(app, context);
};
