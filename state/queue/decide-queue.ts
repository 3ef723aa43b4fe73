import {actorName} from '../actor.js';
import {noAnswer} from '../decision-context.js';
import {refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import {decideDispatch} from './decide-dispatch.js';

/** The queue as a whole: claiming from it, holding it, letting it go. */
export const queueRules: Rules<'queue.dispatch' | 'queue.pause' | 'queue.resume' | 'queue.drain' | 'queue.undrain'> = {
	'queue.dispatch': {decide: (state, _command, context) => decideDispatch(state, context)},
	'queue.pause': {
		whyNot: state =>
			state.queuePausedBy === undefined ? undefined : refuse('INVALID', `The queue is paused already by ${state.queuePausedBy}.`),
		decide: (_state, _command, {nowMs, actor}) => ({
			facts: [{type: 'queue.paused', by: actorName(actor), atMs: nowMs}],
			answer: noAnswer,
		}),
	},
	'queue.resume': {
		whyNot: state => (state.queuePausedBy === undefined ? refuse('INVALID', 'The queue is not paused.') : undefined),
		decide: (_state, _command, {nowMs, actor}) => ({
			facts: [{type: 'queue.resumed', by: actorName(actor), atMs: nowMs}],
			answer: noAnswer,
		}),
	},
	'queue.drain': {
		whyNot: state =>
			state.drainingBy === undefined ? undefined : refuse('INVALID', `The queue is being drained already by ${state.drainingBy}.`),
		decide: (_state, _command, {nowMs, actor}) => ({
			facts: [{type: 'queue.draining', by: actorName(actor), atMs: nowMs}],
			answer: noAnswer,
		}),
	},
	'queue.undrain': {
		whyNot: state => (state.drainingBy === undefined ? refuse('INVALID', 'The queue is not being drained.') : undefined),
		decide: (_state, _command, {nowMs, actor}) => ({
			facts: [{type: 'queue.undrained', by: actorName(actor), atMs: nowMs}],
			answer: noAnswer,
		}),
	},
};
