import type {Fact} from '../fact.js';
import type {State} from '../state.js';
import {quotedName, quotedWords} from './quoted-name.js';
import {runTellers} from './tell-runs.js';
import {safetyTellers} from './tell-safety.js';
import {askerName, quoted, runName, sessionName, type Teller, type Told, told} from './told.js';

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
	...runTellers,
	...safetyTellers,
	'escalation.raised': ({escalation}, state) =>
		told(`${sessionName(state, escalation.sessionId)} asks (${escalation.kind})${quoted(escalation.text)}.`, 'waiting'),
	'escalation.shown': ({escalationId, columns, rows}, state) =>
		told(`The request of ${askerName(state, escalationId)} was shown at ${columns} × ${rows}.`, 'quiet'),
	'escalation.decided': ({escalationId, decision}, state) =>
		told(
			`${decision.by} ${decidedWords[decision.choice]} the request of ${askerName(state, escalationId)}${quoted(decision.text ?? '')}.`,
			'good',
		),
	'escalation.superseded': ({escalationId, byId}, state) =>
		told(`What ${askerName(state, escalationId)} asked for changed; ${byId} is asked instead.`, 'waiting'),
	'grant.made': ({grant}) =>
		told(
			`${grant.by} allows ${quotedName(grant.agent)} the same command again (${grant.scope})${quoted(grant.argv.join(' '))}.`,
			'waiting',
		),
	'grant.used': ({grantId, escalationId}, state) => told(`${grantId} answered the request of ${askerName(state, escalationId)}.`, 'quiet'),
	'grant.revoked': ({grantId, by}) => told(`${by} revoked ${grantId}.`, 'good'),
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
	'queue.draining': ({by}) => told(`${by} drains the queue: it takes nothing new.`, 'waiting'),
	'queue.undrained': ({by}) => told(`${by} lets the queue take new work again.`, 'good'),
	'session.bound': ({sessionId, threadId}, state) => told(`${sessionName(state, sessionId)} talks as ${quotedWords(threadId)}.`, 'quiet'),
	'result.pushed': ({result}, state) =>
		told(`${sessionName(state, result.sessionId)} left its result (${result.state}) for ${sessionName(state, result.parentId)}.`, 'quiet'),
	'result.delivered': ({runIds, how, toRunId}, state) =>
		told(
			`${runName(state, toRunId)} got ${runIds.length === 1 ? 'the result of a child' : `the results of ${runIds.length} children`} (${how}).`,
		),
	'result.withheld': ({runIds}) =>
		told(`Results of ${runIds.join(', ')} are withheld: parent and child spoke to each other too often; write to one of them.`, 'waiting'),
	'answer.kept': () => told('An answer is kept for repeated requests.', 'quiet'),
	'answers.forgotten': () => told('Old answers for repeated requests were forgotten.', 'quiet'),
};

/** A fact in one sentence, with the names things have now. Holds text of agents: show it through `visible`. */
export const factSentence = (fact: Fact, state: State): Told => (tellers[fact.type] as Teller<Fact['type']>)(fact, state);
