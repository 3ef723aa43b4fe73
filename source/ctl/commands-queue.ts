import type {Answer} from './client.js';
import {at, type CtlCommand, itemsOf, type Row, rowsOf, text} from './command.js';

/** What is done to one run by its name alone. */
const ofRun = (noun: string, verb: string, about: string): CtlCommand => ({
	words: [noun, verb],
	about,
	flags: ['run-id', 'idempotency-key'],
	bare: 'run-id',
	request: ({flags}) => ({
		method: 'POST',
		path: at('runs', flags.need('run-id'), verb),
		body: flags.has('idempotency-key') ? {idempotency_key: flags.need('idempotency-key')} : {},
	}),
});

const whole = (verb: string, about: string): CtlCommand => ({
	words: ['queue', verb],
	about,
	flags: [],
	request: () => ({method: 'POST', path: at('queue', verb), body: {}}),
});

const deadRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'runs').map(run => ({
		id: text(run['id']),
		session: text(run['session_id']),
		tries: Array.isArray(run['attempts']) ? run['attempts'].length : '',
		ending: text(run['ending']),
		text: text(run['text']),
	}));

/** The queue, what is done to the runs in it, and the runs that failed too often. */
export const queueCommands: readonly CtlCommand[] = [
	{
		words: ['queue', 'list'],
		about: 'lists the queued runs and why each does not start',
		flags: [],
		request: () => ({method: 'GET', path: '/queue'}),
		rows: rowsOf('runs', ['position', 'id', 'lane', 'agent', 'label', 'reason', 'sentence']),
	},
	whole('pause', 'starts nothing any more'),
	whole('resume', 'starts runs again'),
	whole('drain', 'takes nothing new; what is queued and what runs comes to its end'),
	whole('undrain', 'takes new runs again'),
	ofRun('queue', 'hold', 'keeps a queued run where it is'),
	ofRun('queue', 'unhold', 'lets a held run go again'),
	ofRun('queue', 'start', 'starts a queued run now, over the limits'),
	{
		words: ['queue', 'move'],
		about: 'makes a queued run the next one, or the last of its lane',
		flags: ['run-id', 'to'],
		bare: 'run-id',
		request: ({flags}) => ({
			method: 'POST',
			path: at('runs', flags.need('run-id'), 'move'),
			body: {to: flags.text('to') ?? 'first'},
		}),
	},
	{
		words: ['queue', 'prioritise'],
		about: 'puts a queued run into another lane',
		flags: ['run-id', 'lane'],
		bare: 'run-id',
		request: ({flags}) => ({method: 'POST', path: at('runs', flags.need('run-id'), 'prioritise'), body: {lane: flags.need('lane')}}),
	},
	ofRun('run', 'rerun', 'queues the same text again, as a new run of the same session'),
	ofRun('run', 'retry', 'lets a run that failed too often try again from the start'),
	{
		words: ['deadletter', 'list'],
		about: 'lists the runs that failed too often to be tried again',
		flags: [],
		request: () => ({method: 'GET', path: '/dead-letters'}),
		rows: deadRows,
	},
	{
		words: ['deadletter', 'show'],
		about: 'shows one of them, with all its attempts',
		flags: ['run-id'],
		bare: 'run-id',
		request: ({flags}) => ({method: 'GET', path: at('runs', flags.need('run-id'))}),
	},
	ofRun('deadletter', 'retry', 'lets it try again from the start'),
	ofRun('deadletter', 'drop', 'gives it up: it ends as cancelled'),
];
