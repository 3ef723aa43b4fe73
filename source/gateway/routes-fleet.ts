import process from 'node:process';
import type {FastifyInstance} from 'fastify';
import type {z} from 'zod';
import {queueCounts} from '../../state/queue/queue-counts.js';
import {closedBreaker} from '../../state/safety/breaker.js';
import {breakerKeysOf} from '../../state/safety/breaker-keys.js';
import * as answers from './answers.js';
import {ask, type GatewayContext} from './context.js';
import {limitRows} from './limit-rows.js';
import {RequestError} from './request-error.js';
import {route} from './route.js';
import {alertKey, breakerKey, emptyBody, limitBody, providerName} from './schemas.js';
import {snakeCased, wireBreaker, wireQueueCounts} from './wire.js';

/** A name of the path in the form its schema has; throws a `RequestError` (404) for what can name nothing. */
const named = (
	schema: z.ZodType<string>,
	name: string,
	code: 'UNKNOWN_BREAKER' | 'UNKNOWN_PROVIDER' | 'UNKNOWN_ALERT',
	what: string,
): string => {
	if (!schema.safeParse(name).success) {
		throw new RequestError(404, code, `There is no ${what} ${name}.`);
	}

	return name;
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
		queue_draining_by: state.drainingBy ?? null,
		dead_letters: state.index.dead.size,
		open_escalations: state.index.openEscalations.size,
		active_alerts: Object.values(state.alerts).filter(({state: at}) => at === 'active').length,
		sessions: Object.keys(state.sessions).length,
	};
};

const breakerRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	route(app, 'GET /breakers', {summary: 'Lists the circuit breakers', tag: 'fleet', answer: answers.breakers}, () => {
		const state = context.orchestrator.getState();
		const keys = new Set([...Object.keys(state.agents).flatMap(agent => breakerKeysOf(state, agent)), ...Object.keys(state.breakers)]);
		return {breakers: [...keys].map(key => wireBreaker(key, state.breakers[key] ?? closedBreaker))};
	});

	const verbs = [
		['trip', 'Opens a breaker by hand; it probes later'],
		['reset', 'Closes a breaker and forgets its failures'],
		['hold', 'Keeps a breaker open until it is reset'],
	] as const;
	const about = {tag: 'fleet', params: {key: breakerKey}, body: emptyBody, answer: answers.oneBreaker, refusals: [404, 409]} as const;
	for (const [verb, summary] of verbs) {
		route(app, `POST /breakers/:key/${verb}`, {...about, summary}, ({request, param}) =>
			ask(context, request, {type: `breaker.${verb}`, key: named(breakerKey, param('key'), 'UNKNOWN_BREAKER', 'breaker')}),
		);
	}
};

const providerRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator} = context;

	const list = {
		summary: 'Lists the providers of models, and which of them told us to wait',
		tag: 'fleet',
		answer: answers.providers,
	} as const;
	route(app, 'GET /providers', list, () => {
		const {agents, providers} = orchestrator.getState();
		const usedBy = Object.values(agents).filter(({provider}) => provider !== undefined);
		const names = new Set([...usedBy.map(({provider}) => provider!), ...Object.keys(providers)]);
		const rows = [...names].map(name => {
			const pause = providers[name];
			return {
				name,
				paused: pause !== undefined && pause.untilMs > orchestrator.now(),
				until_ms: pause?.untilMs ?? null,
				sentence: pause?.sentence ?? null,
				agents: usedBy.filter(({provider}) => provider === name).map(agent => agent.name),
			};
		});
		return {providers: rows};
	});

	const about = {tag: 'fleet', params: {name: providerName}, answer: answers.nothing, refusals: [404, 409, 422]} as const;
	const limit = {...about, summary: 'Lets nothing of a provider’s agents start for a while', body: limitBody} as const;
	route(app, 'POST /providers/:name/limit', limit, ({request, param, body}) => {
		const provider = named(providerName, param('name'), 'UNKNOWN_PROVIDER', 'provider');
		const {sentence, until_ms: untilMs} = body();
		return ask(context, request, {type: 'provider.limit', provider, sentence, ...(untilMs !== undefined && {untilMs})});
	});

	route(app, 'POST /providers/:name/clear', {...about, summary: 'Lets a provider’s agents start again', body: emptyBody}, asked => {
		const provider = named(providerName, asked.param('name'), 'UNKNOWN_PROVIDER', 'provider');
		return ask(context, asked.request, {type: 'provider.clear', provider});
	});
};

const alertRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const list = {summary: 'Lists the alerts that are not cleared', tag: 'fleet', answer: answers.alerts} as const;
	route(app, 'GET /alerts', list, () => ({
		alerts: snakeCased(Object.values(context.orchestrator.getState().alerts).filter(({state}) => state !== 'cleared')),
	}));

	const acknowledge = {summary: 'Notes that somebody takes care of an alert', tag: 'fleet', params: {key: alertKey}} as const;
	const acknowledging = {...acknowledge, body: emptyBody, answer: answers.nothing, refusals: [404, 409]} as const;
	route(app, 'POST /alerts/:key/acknowledge', acknowledging, ({request, param}) =>
		ask(context, request, {type: 'alert.acknowledge', key: named(alertKey, param('key'), 'UNKNOWN_ALERT', 'alert')}),
	);
};

/** The fleet as a whole: its health, breakers, limits, providers, alerts and launchers. */
export const fleetRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, version} = context;

	route(app, 'GET /health', {summary: 'Says whether the coordinator answers', tag: 'fleet', answer: answers.health, isOpen: true}, () => ({
		status: orchestrator.failure ? 'failing' : 'ok',
		name: 'agent-tui',
		version,
	}));
	const status = {summary: 'Says whether the coordinator is well and how much it has to do', tag: 'fleet', answer: answers.status} as const;
	route(app, 'GET /daemon/status', status, () => daemonStatus(context));
	route(app, 'GET /launchers', {summary: 'Lists the launchers', tag: 'fleet', answer: answers.launchers}, () => ({
		launchers: snakeCased(Object.values(orchestrator.getState().launchers)),
	}));
	route(app, 'GET /limits', {summary: 'Lists the limits and how much of them is used', tag: 'fleet', answer: answers.limits}, () => ({
		limits: limitRows(orchestrator.getState(), orchestrator.now()),
	}));
	breakerRoutes(app, context);
	providerRoutes(app, context);
	alertRoutes(app, context);
};
