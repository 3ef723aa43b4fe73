import type {Json} from '../../state/json.js';
import type {Answer} from './client.js';
import {at, type CtlCommand, itemsOf, type Row, text, withQuery} from './command.js';
import {decideEscalation} from './decide-escalation.js';

const moment = (atMs: Json | undefined): string =>
	typeof atMs === 'number' ? new Date(atMs).toISOString().slice(0, 19).replace('T', ' ') : '';

const seconds = (ms: Json | undefined): string => (typeof ms === 'number' ? `${Math.round(ms / 1000)} s` : '');

const commandOf = (payload: Json | undefined): string => {
	const argv = typeof payload === 'object' && payload !== null && 'argv' in payload ? payload.argv : undefined;
	return Array.isArray(argv) ? argv.join(' ') : '';
};

const ledgerRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'entries').map(entry => ({
		closed: moment(entry['closed_at_ms']),
		outcome: text(entry['outcome']),
		by: text(entry['by']),
		waited: seconds(entry['waited_ms']),
		risk: text(entry['risk']),
		who: Array.isArray(entry['who']) ? entry['who'].join(' > ') : '',
		what: commandOf(entry['payload']) || text(entry['text']),
		id: text(entry['id']),
	}));

const grantRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'grants').map(grant => ({
		id: text(grant['id']),
		scope: text(grant['scope']),
		agent: text(grant['agent']),
		command: commandOf(grant as Json),
		cwd: text(grant['cwd']),
		uses: text(grant['uses']),
		until: text(grant['ended']) || moment(grant['expires_at_ms']),
	}));

/** Decisions, what was decided, and what was allowed for longer than once. */
export const decisionCommands: readonly CtlCommand[] = [
	{
		words: ['escalation', 'decide'],
		about: 'decides a request; all but a denial need the fingerprint of what you saw, a high risk also its word',
		flags: ['escalation-id', 'choice', 'text', 'fingerprint', 'word', 'scope', 'lifetime', 'idempotency-key'],
		bare: 'escalation-id',
		run: decideEscalation,
	},
	{
		words: ['ledger', 'list'],
		about: 'lists what was decided, newest first; “agent-tui export --ledger” has all of it',
		flags: ['limit'],
		request: ({flags}) => ({method: 'GET', path: withQuery('/ledger', {limit: flags.number('limit')})}),
		rows: ledgerRows,
	},
	{
		words: ['grant', 'list'],
		about: 'lists approvals that hold for longer than once',
		flags: [],
		request: () => ({method: 'GET', path: '/grants'}),
		rows: grantRows,
	},
	{
		words: ['grant', 'revoke'],
		about: 'revokes such an approval',
		flags: ['grant-id'],
		bare: 'grant-id',
		request: ({flags}) => ({method: 'POST', path: at('grants', flags.need('grant-id'), 'revoke'), body: {}}),
	},
];
