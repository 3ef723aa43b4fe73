import type {FastifyInstance} from 'fastify';
import type {Command} from '../../state/command.js';
import {queueCounts} from '../../state/queue/queue-counts.js';
import {predictedOrder} from '../../state/queue/queue-order.js';
import {whyQueued} from '../../state/run/run-wait.js';
import * as answers from './answers.js';
import {ask, type GatewayContext, isVisible, runNamed} from './context.js';
import {route} from './route.js';
import {emptyBody, moveBody, prioritiseBody, runId} from './schemas.js';
import {wireQueueCounts, wireRun} from './wire.js';

/** The queued runs that the sender may see, in the order in which they would start, and why each does not start. */
const queueRows = (context: GatewayContext, isSeen: (sessionId: string) => boolean) => {
	const {orchestrator} = context;
	const state = orchestrator.getState();
	const nowMs = orchestrator.now();
	return predictedOrder(state, nowMs)
		.map((run, place) => ({run, session: state.sessions[run.sessionId]!, position: place + 1}))
		.filter(({session}) => isSeen(session.id))
		.map(({run, session, position}) => {
			const reason = whyQueued(state, run, nowMs);
			return {
				position,
				id: run.id,
				session_id: session.id,
				label: session.label,
				agent: session.agent,
				lane: run.lane,
				queued_at_ms: run.queuedAtMs,
				held_by: run.heldBy ?? null,
				reason: reason?.code ?? null,
				sentence: reason?.sentence ?? null,
			};
		});
};

const lookRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const {orchestrator, callerOf} = context;

	const queue = {summary: 'Lists the queued runs and why each does not start', tag: 'queue', answer: answers.queue} as const;
	route(app, 'GET /queue', queue, ({request}) => {
		const state = orchestrator.getState();
		const caller = callerOf(request);
		return {
			paused_by: state.queuePausedBy ?? null,
			draining_by: state.drainingBy ?? null,
			queue_counts: wireQueueCounts(queueCounts(state)),
			runs: queueRows(context, id => isVisible(context, caller, state.sessions[id]!)),
		};
	});

	const dead = {summary: 'Lists the runs that failed too often to be tried again', tag: 'queue', answer: answers.deadLetters} as const;
	route(app, 'GET /dead-letters', dead, ({request}) => {
		const {index, runs, sessions} = orchestrator.getState();
		const caller = callerOf(request);
		const found = [...index.dead].map(id => runs[id]!).filter(run => isVisible(context, caller, sessions[run.sessionId]!));
		return {runs: found.map(wireRun)};
	});
};

type Verb = readonly [verb: string, summary: string, type: Extract<Command, {readonly runId: string}>['type']];

/** What may be done to one run by its name alone. */
const verbs = [
	['hold', 'Keeps a queued run where it is', 'run.hold'],
	['unhold', 'Lets a held run go again', 'run.unhold'],
	['start', 'Starts a queued run now, over every limit but its session’s own order', 'run.force-start'],
	['rerun', 'Queues the same text again, as a new run of the same session', 'run.rerun'],
	['retry', 'Lets a dead letter try again from the start', 'deadletter.retry'],
	['drop', 'Gives a dead letter up; it ends as cancelled', 'deadletter.drop'],
] as const satisfies readonly Verb[];

const runRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	const about = {tag: 'queue', params: {id: runId}, answer: answers.changedRun, refusals: [404, 409, 422]} as const;
	for (const [verb, summary, type] of verbs) {
		route(app, `POST /runs/:id/${verb}`, {...about, summary, body: emptyBody, takesKey: true}, ({request, param}) => {
			const {id} = runNamed(context, request, param('id'));
			return ask(context, request, {type, runId: id});
		});
	}

	const move = {...about, summary: 'Makes a queued run the next one, or the last of its lane', body: moveBody} as const;
	route(app, 'POST /runs/:id/move', move, ({request, param, body}) => {
		const {id} = runNamed(context, request, param('id'));
		return ask(context, request, {type: 'run.move', runId: id, to: body().to});
	});

	const prioritise = {...about, summary: 'Puts a queued run into another lane', body: prioritiseBody} as const;
	route(app, 'POST /runs/:id/prioritise', prioritise, ({request, param, body}) => {
		const {id} = runNamed(context, request, param('id'));
		return ask(context, request, {type: 'run.prioritise', runId: id, lane: body().lane});
	});
};

const wholeQueue = [
	['pause', 'Starts nothing any more', 'queue.pause'],
	['resume', 'Starts runs again', 'queue.resume'],
	['drain', 'Takes nothing new; what is queued and what runs comes to its end', 'queue.drain'],
	['undrain', 'Takes new runs again', 'queue.undrain'],
] as const;

/** The queue, what is done to the runs in it, and the dead letters. */
export const queueRoutes = (app: FastifyInstance, context: GatewayContext): void => {
	lookRoutes(app, context);
	runRoutes(app, context);
	for (const [verb, summary, type] of wholeQueue) {
		const about = {summary, tag: 'queue', body: emptyBody, answer: answers.nothing, refusals: [409]} as const;
		route(app, `POST /queue/${verb}`, about, ({request}) => ask(context, request, {type}));
	}
};
