import type {Json} from '../../state/json.js';
import type {Answer} from './client.js';
import {at, type Call, type CtlCommand, type Row, withQuery} from './command.js';
import {decideEscalation} from './decide-escalation.js';

type Item = Readonly<Record<string, Json | undefined>>;

const text = (value: Json | undefined): string => (value === undefined || value === null ? '' : String(value));

const items = (answer: Answer, name: string): readonly Item[] => (answer[name] ?? []) as readonly Item[];

/** Rows of the named fields of a list, each under its own name. */
const rowsOf =
	(list: string, fields: readonly string[]) =>
	(answer: Answer): readonly Row[] =>
		items(answer, list).map(item => Object.fromEntries(fields.map(field => [field, text(item[field])])));

const time = (atMs: Json | undefined): string => (typeof atMs === 'number' ? new Date(atMs).toISOString().slice(11, 19) : '');

const escalationRows = (answer: Answer): readonly Row[] =>
	items(answer, 'escalations').map(escalation => ({
		id: text(escalation['id']),
		state: text(escalation['state']),
		kind: text(escalation['kind']),
		raised: time(escalation['raised_at_ms']),
		run: text(escalation['run_id']),
		text: text(escalation['text']),
	}));

const breakerRows = (answer: Answer): readonly Row[] =>
	items(answer, 'breakers').map(breaker => ({
		key: text(breaker['key']),
		state: text(breaker['state']),
		failures: text(breaker['failures']),
		until: time(breaker['until_ms']),
		cause: text(breaker['cause']),
	}));

const breakerCommand = (action: 'trip' | 'reset' | 'hold', about: string): CtlCommand => ({
	words: ['breaker', action],
	about,
	flags: ['key'],
	bare: 'key',
	request: ({flags}: Call) => ({method: 'POST', path: at('breakers', flags.need('key'), action), body: {}}),
});

/** The fleet: health, requests to people, queue, breakers, limits and launchers. */
export const fleetCommands: readonly CtlCommand[] = [
	{
		words: ['daemon', 'status'],
		about: 'says whether the coordinator is well and how much it has to do',
		flags: [],
		request: () => ({method: 'GET', path: '/daemon/status'}),
	},
	{
		words: ['escalation', 'list'],
		about: 'lists the open requests to a person',
		flags: ['all', 'session-id'],
		request: ({flags}) => ({
			method: 'GET',
			path: withQuery('/escalations', {state: flags.has('all') ? 'all' : undefined, session_id: flags.text('session-id')}),
		}),
		rows: escalationRows,
	},
	{
		words: ['escalation', 'show'],
		about: 'shows everything about one request',
		flags: ['escalation-id'],
		bare: 'escalation-id',
		request: ({flags}) => ({method: 'GET', path: at('escalations', flags.need('escalation-id'))}),
	},
	{
		words: ['escalation', 'decide'],
		about: 'decides a request; all but a denial need the fingerprint of what you saw',
		flags: ['escalation-id', 'choice', 'text', 'fingerprint', 'idempotency-key'],
		bare: 'escalation-id',
		run: decideEscalation,
	},
	{
		words: ['queue', 'list'],
		about: 'lists the queued runs and why each does not start',
		flags: [],
		request: () => ({method: 'GET', path: '/queue'}),
		rows: rowsOf('runs', ['position', 'id', 'lane', 'agent', 'label', 'reason', 'sentence']),
	},
	{
		words: ['queue', 'pause'],
		about: 'starts nothing any more',
		flags: [],
		request: () => ({method: 'POST', path: '/queue/pause', body: {}}),
	},
	{words: ['queue', 'resume'], about: 'starts runs again', flags: [], request: () => ({method: 'POST', path: '/queue/resume', body: {}})},
	{
		words: ['breaker', 'list'],
		about: 'lists the circuit breakers',
		flags: [],
		request: () => ({method: 'GET', path: '/breakers'}),
		rows: breakerRows,
	},
	breakerCommand('trip', 'opens a breaker by hand; it probes later'),
	breakerCommand('reset', 'closes a breaker and forgets its failures'),
	breakerCommand('hold', 'keeps a breaker open until it is reset'),
	{
		words: ['limits', 'list'],
		about: 'lists the limits and what they count',
		flags: [],
		request: () => ({method: 'GET', path: '/limits'}),
		rows: rowsOf('limits', ['name', 'value', 'meaning']),
	},
	{
		words: ['launcher', 'list'],
		about: 'lists the launchers',
		flags: [],
		request: () => ({method: 'GET', path: '/launchers'}),
		rows: rowsOf('launchers', ['id', 'state', 'host', 'pid', 'embedded']),
	},
];
