import type {Json} from '../../state/json.js';
import type {Answer} from './client.js';
import {at, type Call, type CtlCommand, itemsOf, type Row, rowsOf, text, withQuery} from './command.js';

const time = (atMs: Json | undefined): string => (typeof atMs === 'number' ? new Date(atMs).toISOString().slice(11, 19) : '');

const escalationRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'escalations').map(escalation => ({
		id: text(escalation['id']),
		state: text(escalation['state']),
		kind: text(escalation['kind']),
		raised: time(escalation['raised_at_ms']),
		run: text(escalation['run_id']),
		text: text(escalation['text']),
	}));

const breakerRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'breakers').map(breaker => ({
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

/** The fleet: health, requests to people, breakers, limits, providers, alerts and launchers. */
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
		rows: rowsOf('limits', ['name', 'value', 'used', 'meaning']),
	},
	{
		words: ['provider', 'list'],
		about: 'lists the providers of models, and which of them told us to wait',
		flags: [],
		request: () => ({method: 'GET', path: '/providers'}),
		rows: answer =>
			itemsOf(answer, 'providers').map(provider => ({
				name: text(provider['name']),
				paused: text(provider['paused']),
				until: time(provider['until_ms']),
				agents: ((provider['agents'] ?? []) as readonly string[]).join(' '),
				sentence: text(provider['sentence']),
			})),
	},
	{
		words: ['provider', 'limit'],
		about: 'lets nothing of a provider’s agents start for a while',
		flags: ['provider', 'text', 'until-ms'],
		bare: 'provider',
		request({flags}) {
			const [sentence, untilMs] = [flags.text('text'), flags.number('until-ms')];
			return {
				method: 'POST',
				path: at('providers', flags.need('provider'), 'limit'),
				body: {...(sentence !== undefined && {sentence}), ...(untilMs !== undefined && {until_ms: untilMs})},
			};
		},
	},
	{
		words: ['provider', 'clear'],
		about: 'lets a provider’s agents start again',
		flags: ['provider'],
		bare: 'provider',
		request: ({flags}) => ({method: 'POST', path: at('providers', flags.need('provider'), 'clear'), body: {}}),
	},
	{
		words: ['alert', 'list'],
		about: 'lists the alerts that are not cleared',
		flags: [],
		request: () => ({method: 'GET', path: '/alerts'}),
		rows: answer =>
			itemsOf(answer, 'alerts').map(alert => ({
				key: text(alert['key']),
				level: text(alert['level']),
				state: text(alert['state']),
				raised: time(alert['raised_at_ms']),
				sentence: text(alert['sentence']),
			})),
	},
	{
		words: ['alert', 'ack'],
		about: 'notes that somebody takes care of an alert',
		flags: ['key'],
		bare: 'key',
		request: ({flags}) => ({method: 'POST', path: at('alerts', flags.need('key'), 'acknowledge'), body: {}}),
	},
	{
		words: ['agent', 'list'],
		about: 'lists the agents that can be started, with the versions of their programs',
		flags: [],
		request: () => ({method: 'GET', path: '/agents'}),
		rows: rowsOf('agents', ['name', 'adapter', 'provider', 'version', 'file']),
	},
	{
		words: ['launcher', 'list'],
		about: 'lists the launchers',
		flags: [],
		request: () => ({method: 'GET', path: '/launchers'}),
		rows: rowsOf('launchers', ['id', 'state', 'host', 'pid', 'embedded']),
	},
];
