import path from 'node:path';
import type {Answer} from './client.js';
import {at, type Call, type CtlCommand, given, itemsOf, type Row, text, withQuery} from './command.js';
import {eventRows, tailEvents} from './events.js';
import {runFields, runFlags, sessionFields, sessionFlags} from './run-flags.js';

const sessionRows = (answer: Answer): readonly Row[] =>
	itemsOf(answer, 'sessions').map(session => ({
		id: text(session['id']),
		state: text(session['state']),
		agent: text(session['agent']),
		label: text(session['label']),
		queued: text(session['queued_count']),
		parent: text(session['parent_id']),
		cwd: text(session['cwd']),
	}));

/** Inside an agent a session starts in its parent's folder; elsewhere in the one agentctl was started in. */
const folderOf = ({flags, env, cwd}: Call): Record<string, string> => {
	const named = flags.text('cwd');
	if (named !== undefined) {
		return {cwd: path.resolve(cwd, named)};
	}

	return env['AGENT_TUI_RUN_ID'] === undefined ? {cwd} : {};
};

/** Sessions, their messages and events. */
export const sessionCommands: readonly CtlCommand[] = [
	{
		words: ['session', 'create'],
		about: 'starts a conversation with an agent; with --text also its first run',
		flags: [...sessionFlags, 'text', 'parent-run-id', ...runFlags],
		request: call => ({
			method: 'POST',
			path: '/sessions',
			body: {...given(call.flags, ['text', 'parent-run-id']), ...sessionFields(call.flags), ...runFields(call.flags), ...folderOf(call)},
		}),
	},
	{
		words: ['session', 'list'],
		about: 'lists the sessions',
		flags: [],
		request: () => ({method: 'GET', path: '/sessions'}),
		rows: sessionRows,
	},
	{
		words: ['session', 'show'],
		about: 'shows one session, its runs and what was said in it',
		flags: ['session-id'],
		bare: 'session-id',
		request: ({flags}) => ({method: 'GET', path: at('sessions', flags.need('session-id'))}),
	},
	{
		words: ['session', 'stop'],
		about: 'stops what a session runs and withdraws what it has queued',
		flags: ['session-id', 'tree'],
		bare: 'session-id',
		request: ({flags}) => ({
			method: 'POST',
			path: `${at('sessions', flags.need('session-id'))}/stop`,
			body: {tree: flags.has('tree')},
		}),
	},
	{
		words: ['message', 'send'],
		about: 'queues a message as the session’s next run',
		flags: ['session-id', 'text', 'mode', ...runFlags],
		bare: 'session-id',
		request: ({flags}) => ({
			method: 'POST',
			path: `${at('sessions', flags.need('session-id'))}/messages`,
			body: {role: 'user', text: flags.need('text'), ...given(flags, ['mode']), ...runFields(flags)},
		}),
	},
	{
		words: ['events', 'list'],
		about: 'lists what happened in a session, page by page',
		flags: ['session-id', 'cursor', 'limit'],
		bare: 'session-id',
		request: ({flags}) => ({
			method: 'GET',
			path: withQuery(`${at('sessions', flags.need('session-id'))}/events`, {
				cursor: flags.number('cursor'),
				limit: flags.number('limit'),
			}),
		}),
		rows: eventRows,
	},
	{
		words: ['events', 'tail'],
		about: 'shows the newest events of a session, one a line',
		flags: ['session-id', 'limit', 'follow'],
		bare: 'session-id',
		run: tailEvents,
	},
];
