import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {AgentStatus} from '../state/agent/agent-status.js';
import type {FactOf} from '../state/fact.js';
import {type AttemptFile, attemptFiles} from './attempt-folder.js';
import {systemErrorCode} from './errors.js';
import {ptyIdOf} from './launcher-port.js';
import type {Orchestrator} from './orchestrator.js';
import type {Paths} from './paths.js';

const chosenThread = (folder: string): string | undefined => {
	try {
		return (JSON.parse(readFileSync(path.join(folder, attemptFiles.attempt), 'utf8')) as AttemptFile).threadId;
	} catch (error) {
		// The attempt is over.
		if (systemErrorCode(error) === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
};

/** It is at the task it was given: nobody who was told nothing works, or asks for leave. */
const isAtWork = ({activity, kind}: AgentStatus): boolean => activity === 'working' || (activity === 'blocked' && kind !== 'auth');

/**
 * Binds the session to the conversation that the plan chose, once the agent took its prompt or works: before that there is nothing that
 * could be resumed, and a start that failed would make every later one fail too.
 */
export const bindThread = async (
	{orchestrator, paths}: {readonly orchestrator: Orchestrator; readonly paths: Pick<Paths, 'attemptFolder'>},
	fact: FactOf<'run.accepted' | 'run.status-changed'>,
): Promise<void> => {
	const {runs, sessions} = orchestrator.getState();
	const run = runs[fact.runId];
	const session = sessions[run?.sessionId ?? ''];
	const isProof = fact.type === 'run.accepted' || isAtWork(fact.status);
	if (!run || !session || session.threadId !== undefined || !isProof) {
		return;
	}

	const attempt = {runId: run.id, generation: run.generation};
	const threadId = chosenThread(paths.attemptFolder(ptyIdOf(attempt)));
	if (threadId !== undefined) {
		await orchestrator.send({type: 'agent.report', ...attempt, report: {kind: 'thread', threadId}}, {actor: {role: 'system'}});
	}
};
