import type {Fact, FactOf} from './fact.js';
import {quotedName, quotedWords} from './quoted-name.js';
import type {State} from './state.js';

/** What a fact means to the operator: nothing special, something to look at, something that went wrong, something that went well. */
export type FactTone = 'plain' | 'quiet' | 'waiting' | 'failed' | 'good';

type Told = {readonly sentence: string; readonly tone: FactTone};

type Teller<Type extends Fact['type']> = (fact: FactOf<Type>, state: State) => Told;

const told = (sentence: string, tone: FactTone = 'plain'): Told => ({sentence, tone});

const sessionName = (state: State, sessionId: string): string => quotedName(state.sessions[sessionId]?.label ?? sessionId);

const runName = (state: State, runId: string): string => {
	const run = state.runs[runId];
	return run ? sessionName(state, run.sessionId) : runId;
};

const askerName = (state: State, escalationId: string): string => {
	const escalation = state.escalations[escalationId];
	return escalation ? sessionName(state, escalation.sessionId) : escalationId;
};

const longestQuote = 60;

/** The first line of somebody's words, marked as words. */
const quoted = (text: string): string => {
	const [line = ''] = text.trim().split('\n', 1);
	const isCut = line !== text.trim() || line.length > longestQuote;
	return line === '' ? '' : `: ${quotedWords(line.slice(0, longestQuote) + (isCut ? '…' : ''))}`;
};

const endWords: Readonly<Record<FactOf<'run.ended'>['end'], string>> = {
	succeeded: 'succeeded',
	failed: 'failed',
	timed_out: 'timed out',
	cancelled: 'was cancelled',
	lost: 'was lost',
};

const endDetails = ({exitCode, signal, proof, sentence}: FactOf<'run.ended'>): string => {
	const details = [
		...(exitCode === undefined || exitCode === null ? [] : [`exit ${exitCode}`]),
		...(signal === undefined || signal === null || signal === 0 ? [] : [`signal ${signal}`]),
		...(proof ? [`tree of ${proof.processes}, ${proof.survivors} survivors`] : []),
		...(sentence === undefined ? [] : [sentence]),
	];
	return details.length === 0 ? '' : ` (${details.join(', ')})`;
};

const breakerTold: Teller<'breaker.changed'> = ({key, breaker}) => {
	switch (breaker.state) {
		case 'closed': {
			return breaker.failures === 0
				? told(`The breaker ${key} is closed.`, 'good')
				: told(`The breaker ${key} counts ${breaker.failures} ${breaker.failures === 1 ? 'failure' : 'failures'} in a row.`, 'quiet');
		}

		case 'open': {
			return told(`The breaker ${key} opened for ${Math.round(breaker.pauseMs / 1000)} s: ${breaker.cause}.`, 'failed');
		}

		case 'half-open': {
			return told(`The breaker ${key} is half open${breaker.probe ? ` with ${breaker.probe.runId} as its probe` : ''}.`, 'waiting');
		}

		case 'held': {
			return told(`${breaker.by} holds the breaker ${key} open.`, 'failed');
		}
	}
};

const decidedWords = {approve: 'approved', deny: 'denied', answer: 'answered'} as const;

const tellers: {readonly [Type in Fact['type']]: Teller<Type>} = {
	'settings.configured': ({agents, limits}) => told(`Settings taken: ${agents.length} agents, ${limits.concurrent} runs at once.`, 'quiet'),
	'session.created': ({session}, state) =>
		told(
			`${quotedName(session.label)} (${quotedName(session.agent)}) was opened${session.parentId === undefined ? '' : ` below ${sessionName(state, session.parentId)}`}.`,
		),
	'session.renamed': ({sessionId, label, by}) => told(`${by} renamed ${sessionId} to ${quotedName(label)}.`, 'quiet'),
	'message.typed': ({message}, state) => told(`${message.by} typed into ${sessionName(state, message.sessionId)}${quoted(message.text)}.`),
	'run.queued': ({run}, state) =>
		told(`${run.by} queued a run for ${sessionName(state, run.sessionId)} (${run.lane})${quoted(run.text)}.`, 'quiet'),
	'run.starting': ({runId, generation, launcherId}, state) =>
		told(`${runName(state, runId)} starts, attempt ${generation} on ${launcherId}.`, 'quiet'),
	'run.released': ({runId, sentence}, state) => told(`${runName(state, runId)} waits in the queue again: ${sentence}`, 'failed'),
	'run.running': ({runId, pid}, state) => told(`${runName(state, runId)} runs as process ${pid}.`),
	'run.waiting': ({runId, reason}, state) => told(`${runName(state, runId)} waits (${reason}).`, 'waiting'),
	'run.resumed': ({runId}, state) => told(`${runName(state, runId)} goes on.`),
	'run.stopping': ({runId, by, ending}, state) =>
		told(
			ending === 'timed_out' ? `${runName(state, runId)} ran out of time and is stopped.` : `${by} stops ${runName(state, runId)}.`,
			'waiting',
		),
	'run.ended': (fact, state) =>
		told(
			`${runName(state, fact.runId)} ${endWords[fact.end]}${endDetails(fact)}.`,
			fact.end === 'succeeded' ? 'good' : fact.end === 'cancelled' ? 'plain' : 'failed',
		),
	'escalation.raised': ({escalation}, state) =>
		told(`${sessionName(state, escalation.sessionId)} asks (${escalation.kind})${quoted(escalation.text)}.`, 'waiting'),
	'escalation.shown': ({escalationId, columns, rows}, state) =>
		told(`The request of ${askerName(state, escalationId)} was shown at ${columns} × ${rows}.`, 'quiet'),
	'escalation.decided': ({escalationId, decision}, state) =>
		told(
			`${decision.by} ${decidedWords[decision.choice]} the request of ${askerName(state, escalationId)}${quoted(decision.text ?? '')}.`,
			'good',
		),
	'escalation.delivered': ({escalationId}, state) => told(`${askerName(state, escalationId)} took the answer.`, 'quiet'),
	'escalation.expired': ({escalationId}, state) =>
		told(`The request of ${askerName(state, escalationId)} expired: nobody answered in time.`, 'failed'),
	'escalation.withdrawn': ({escalationId, why}, state) =>
		told(`The request of ${askerName(state, escalationId)} was withdrawn: ${why}.`, 'plain'),
	'escalation.asker-changed': ({escalationId, gone}, state) =>
		told(
			gone
				? `The connection of ${askerName(state, escalationId)} is gone while its request is open.`
				: `${askerName(state, escalationId)} waits for its answer again.`,
			gone ? 'failed' : 'plain',
		),
	'breaker.changed': breakerTold,
	'launcher.joined': ({launcher}) => told(`The launcher ${launcher.id} joined from ${launcher.host}.`),
	'launcher.changed': ({launcherId, state: at}) => told(`The launcher ${launcherId} is ${at}.`, at === 'online' ? 'good' : 'failed'),
	'queue.paused': ({by}) => told(`${by} paused the queue.`, 'waiting'),
	'queue.resumed': ({by}) => told(`${by} resumed the queue.`, 'good'),
	'answer.kept': () => told('An answer is kept for repeated requests.', 'quiet'),
	'answers.forgotten': () => told('Old answers for repeated requests were forgotten.', 'quiet'),
};

/** A fact in one sentence, with the names things have now. Holds text of agents: show it through `visible`. */
export const factSentence = (fact: Fact, state: State): Told => (tellers[fact.type] as Teller<Fact['type']>)(fact, state);
