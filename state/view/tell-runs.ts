import type {AgentActivity} from '../agent/agent-status.js';
import type {AttemptEnd, FactOf} from '../fact.js';
import type {RunFact} from '../run/apply-run.js';
import {quotedWords} from './quoted-name.js';
import {quoted, runName, sessionName, type Teller, told} from './told.js';

const endWords: Readonly<Record<FactOf<'run.ended'>['end'], string>> = {
	succeeded: 'succeeded',
	failed: 'failed',
	timed_out: 'timed out',
	cancelled: 'was cancelled',
	lost: 'was lost',
};

const endDetails = ({exitCode, signal, proof, sentence}: AttemptEnd): string => {
	const details = [
		...(exitCode === undefined || exitCode === null ? [] : [`exit ${exitCode}`]),
		...(signal === undefined || signal === null || signal === 0 ? [] : [`signal ${signal}`]),
		...(proof ? [`tree of ${proof.processes}, ${proof.survivors} survivors`] : []),
		...(sentence === undefined ? [] : [sentence]),
	];
	return details.length === 0 ? '' : ` (${details.join(', ')})`;
};

const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))} s`;

const activityWords: Readonly<Record<AgentActivity, string>> = {
	starting: 'is coming up',
	working: 'is working',
	blocked: 'asks on its own screen',
	idle: 'waits for input',
	done: 'is done with its turn',
	error: 'tells of an error',
	exited: 'has left its terminal',
};

/** How what happens to runs is told. */
export const runTellers: {readonly [Type in RunFact['type']]: Teller<Type>} = {
	'run.queued': ({run}, state) =>
		told(`${run.by} queued a run for ${sessionName(state, run.sessionId)} (${run.lane})${quoted(run.text)}.`, 'quiet'),
	'run.starting': ({runId, generation, launcherId}, state) =>
		told(`${runName(state, runId)} starts, attempt ${generation} on ${launcherId}.`, 'quiet'),
	'run.released': ({runId, sentence}, state) => told(`${runName(state, runId)} waits in the queue again: ${sentence}`, 'failed'),
	'run.running': ({runId, pid}, state) => told(`${runName(state, runId)} runs as process ${pid}.`),
	'run.waiting': ({runId, reason, awaits}, state) =>
		told(
			`${runName(state, runId)} waits (${reason}${awaits && awaits.runIds.length > 0 ? `: ${awaits.runIds.join(', ')}` : ''}).`,
			'waiting',
		),
	'run.resumed': ({runId}, state) => told(`${runName(state, runId)} goes on.`),
	'run.stopping': ({runId, by, ending}, state) =>
		told(
			ending === 'timed_out'
				? `${runName(state, runId)} is stopped by ${by}.`
				: ending === 'queued'
					? `${runName(state, runId)} is taken back by ${by} and queues again.`
					: `${by} stops ${runName(state, runId)}.`,
			'waiting',
		),
	'run.ended': (fact, state) =>
		told(
			`${runName(state, fact.runId)} ${endWords[fact.end]}${endDetails(fact)}.`,
			fact.end === 'succeeded' ? 'good' : fact.end === 'cancelled' ? 'plain' : 'failed',
		),
	'run.retrying': (fact, state) =>
		told(
			`${runName(state, fact.runId)} queues again${endDetails(fact)}, ${fact.dueAtMs > fact.atMs ? `to be tried in ${seconds(fact.dueAtMs - fact.atMs)}` : 'to be tried at once'}.`,
			fact.counts === 'taken-back' ? 'plain' : 'failed',
		),
	'run.due': ({runId}, state) => told(`${runName(state, runId)} may be tried again.`, 'quiet'),
	'run.dead-lettered': (fact, state) => told(`${runName(state, fact.runId)} is a dead letter${endDetails(fact)}.`, 'failed'),
	'run.revived': ({runId, by}, state) => told(`${by} takes the dead letter ${runName(state, runId)} up again.`),
	'run.held': ({runId, by}, state) => told(`${by} holds ${runName(state, runId)} in the queue.`, 'waiting'),
	'run.unheld': ({runId, by}, state) => told(`${by} lets ${runName(state, runId)} go.`),
	'run.moved': ({runId, isFirst, by}, state) => told(`${by} moved ${runName(state, runId)} to the ${isFirst ? 'front' : 'back'}.`),
	'run.prioritised': ({runId, lane, by}, state) => told(`${by} put ${runName(state, runId)} into the lane ${lane}.`),
	'run.forced': ({runId, by}, state) => told(`${by} starts ${runName(state, runId)} over the limits.`, 'waiting'),
	'run.dependency-dropped': ({runId, dependencyId}, state) => told(`${runName(state, runId)} goes on without ${dependencyId}.`),
	'run.accepted': ({runId}, state) => told(`${runName(state, runId)} took its prompt.`, 'quiet'),
	'run.status-changed': ({runId, status}, state) =>
		told(
			`${runName(state, runId)} ${activityWords[status.activity]} (${status.source}).`,
			status.activity === 'blocked' ? 'waiting' : status.activity === 'error' ? 'failed' : 'quiet',
		),
	'run.stuck': ({runId, sinceMs, atMs}, state) =>
		told(`${runName(state, runId)} has been silent for ${seconds(atMs - sinceMs)}.`, 'failed'),
	'run.unstuck': ({runId}, state) => told(`${runName(state, runId)} is heard again.`),
	'run.called': ({runId, tool, summary}, state) => told(`${runName(state, runId)} calls ${quotedWords(tool)}${quoted(summary)}.`, 'quiet'),
};
