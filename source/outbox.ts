import type {Fact} from '../state/fact.js';
import {isOver, type Run} from '../state/run/run.js';
import {pendingResults} from '../state/session/result-delivery.js';
import type {LauncherPort} from './launcher-port.js';
import {ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

export type OutboxOptions = {
	readonly orchestrator: Orchestrator;
	/** The launcher with the screens; `undefined` until it has been reached. */
	readonly launcher: () => LauncherPort | undefined;
	/** The file with what a pty showed, by its name. */
	readonly recording: (ptyId: string) => string;
	readonly log: Log;
	/** How long a delivery waits for more to come along, and for a parent that asks for it itself. */
	readonly gatherMs?: number;
};

const system = {actor: {role: 'system'}} as const;

/** What ended longer ago than this is nobody's news after a restart. */
const stillNewsMs = 60 * 60_000;

/** More of a screen is never looked at; the end of it is kept. */
const mostLines = 200;

const parentOf = ({orchestrator}: OutboxOptions, {sessionId}: Run): string | undefined =>
	orchestrator.getState().sessions[sessionId]?.parentId;

/** The end of what a run showed; nothing when no screen or recording of it is left. */
const lastWords = async ({launcher, recording, log}: OutboxOptions, {id, generation}: Run): Promise<string> => {
	const reached = launcher();
	if (!reached || generation === 0) {
		return '';
	}

	const ptyId = ptyIdOf({runId: id, generation});
	try {
		const lines = await reached.text({ptyId, recordingPath: recording(ptyId)}, 'all');
		return lines
			.slice(-mostLines)
			.join('\n')
			.replaceAll(/\n{3,}/g, '\n\n')
			.trim();
	} catch (error) {
		log(`Could not read what ${ptyId} showed last.`, error);
		return '';
	}
};

/** Whose results may have become deliverable by a fact: of the session it is about. */
const sessionAbout = ({orchestrator}: OutboxOptions, fact: Fact): string | undefined => {
	switch (fact.type) {
		case 'run.ended':
		case 'run.resumed':
		case 'run.status-changed': {
			return orchestrator.getState().runs[fact.runId]?.sessionId;
		}

		case 'message.typed': {
			return fact.message.sessionId;
		}

		case 'run.queued': {
			return fact.run.sessionId;
		}

		case 'result.pushed': {
			return fact.result.parentId;
		}

		default: {
			return undefined;
		}
	}
};

/**
 * Tells parents what their children left behind: keeps it durably when a child's run ends, and delivers it when the parent has time. What
 * ended while no coordinator was there is caught up with. Returns how to end that.
 */
export const startOutbox = (options: OutboxOptions): (() => void) => {
	const {orchestrator, log, gatherMs = 1500} = options;
	const timers = new Map<string, NodeJS.Timeout>();

	const send = async (command: Parameters<Orchestrator['send']>[0]): Promise<void> => {
		try {
			await orchestrator.send(command, system);
		} catch (error) {
			log(`Could not do ${command.type}.`, error);
		}
	};

	const push = async (run: Run): Promise<void> => {
		const {id} = run;
		await send({type: 'result.push', runId: id, text: await lastWords(options, run)});
	};

	const deliverSoon = (parentId: string): void => {
		if (timers.has(parentId) || pendingResults(orchestrator.getState(), parentId).length === 0) {
			return;
		}

		const deliver = (): void => {
			timers.delete(parentId);
			void send({type: 'result.deliver', parentId});
		};
		timers.set(parentId, setTimeout(deliver, gatherMs).unref());
	};

	/** An operator's word to a child lets go what was withheld from its parent. */
	const heard = (fact: Fact): void => {
		const {sessions, runs} = orchestrator.getState();
		const isEnd = fact.type === 'run.ended' || fact.type === 'run.dead-lettered';
		const ended = isEnd ? runs[fact.runId] : undefined;
		if (ended && parentOf(options, ended) !== undefined) {
			void push(ended);
		}

		const sessionId = sessionAbout(options, fact);
		const parentId = sessionId === undefined ? undefined : sessions[sessionId]?.parentId;
		for (const id of [sessionId, parentId]) {
			if (id !== undefined) {
				deliverSoon(id);
			}
		}
	};

	const unsubscribe = orchestrator.subscribe(facts => {
		for (const {fact} of facts) {
			heard(fact);
		}
	});

	const state = orchestrator.getState();
	const missed = Object.values(state.runs).filter(
		run =>
			isOver(run) &&
			run.sinceMs > orchestrator.now() - stillNewsMs &&
			parentOf(options, run) !== undefined &&
			state.outbox[run.id]?.state !== run.state,
	);
	for (const run of missed) {
		void push(run);
	}

	for (const {parentId} of Object.values(state.outbox)) {
		deliverSoon(parentId);
	}

	return () => {
		unsubscribe();
		for (const timer of timers.values()) {
			clearTimeout(timer);
		}
	};
};
