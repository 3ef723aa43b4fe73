import {at, type Call, type CtlCommand, given, type HttpCallOf} from './command.js';
import {explainRun} from './explain-run.js';
import {replyParent} from './reply-parent.js';
import {runFields, runFlags, sessionFields, sessionFlags} from './run-flags.js';
import {waitForRun} from './wait-for-run.js';

const run = ({flags}: Call, action?: string): string => at('runs', flags.need('run-id'), ...(action === undefined ? [] : [action]));

const spawn: HttpCallOf = ({flags}) => ({
	method: 'POST',
	path: at('runs', flags.need('parent-run-id'), 'spawn'),
	body: {task: flags.need('task'), ...given(flags, ['cwd']), ...sessionFields(flags), ...runFields(flags)},
});

const send: HttpCallOf = ({flags}) => ({
	method: 'POST',
	path: at('sessions', flags.need('session-id'), 'send'),
	body: {
		text: flags.need('text'),
		...given(flags, ['mode']),
		...(flags.has('type') && {mode: 'type'}),
		...runFields(flags),
	},
});

/** Runs. */
export const runCommands: readonly CtlCommand[] = [
	{
		words: ['run', 'wait'],
		about: 'waits until a run has ended; exit 0 when it succeeded, 1 otherwise, 124 when the time is over',
		flags: ['run-id', 'timeout-s'],
		bare: 'run-id',
		run: waitForRun,
	},
	{
		words: ['run', 'show'],
		about: 'shows one run',
		flags: ['run-id'],
		bare: 'run-id',
		request: call => ({method: 'GET', path: run(call)}),
	},
	{
		words: ['run', 'diagnose'],
		about: 'says why a run does not move, and what to do',
		flags: ['run-id'],
		bare: 'run-id',
		request: call => ({method: 'GET', path: run(call, 'diagnose')}),
	},
	{
		words: ['run', 'explain'],
		about: 'says in plain words why a run is where it is, and what is believed of its agent',
		flags: ['run-id'],
		bare: 'run-id',
		run: explainRun,
	},
	{
		words: ['run', 'cancel'],
		about: 'cancels a run and everything it spawned',
		flags: ['run-id'],
		bare: 'run-id',
		request: call => ({method: 'POST', path: run(call, 'cancel'), body: {}}),
	},
];

/** What agents use: the same under the names of tools. */
export const toolCommands: readonly CtlCommand[] = [
	{
		words: ['tool', 'session-spawn'],
		about: 'starts a child with a task',
		flags: ['parent-run-id', 'task', ...sessionFlags, ...runFlags],
		request: spawn,
	},
	{
		words: ['tool', 'session-send'],
		about: 'sends a session a message',
		flags: ['session-id', 'text', 'mode', 'type', ...runFlags],
		bare: 'session-id',
		request: send,
	},
	{
		words: ['tool', 'session-wait'],
		about: 'waits until a run has ended; exit codes as for run wait',
		flags: ['run-id', 'timeout-s'],
		bare: 'run-id',
		run: waitForRun,
	},
	{
		words: ['tool', 'session-reply-parent'],
		about: 'asks the parent or the operator; with --wait for the decision',
		flags: ['run-id', 'text', 'request-kind', 'tool', 'argv', 'cwd', 'payload', 'idempotency-key', 'wait', 'timeout-s'],
		run: replyParent,
	},
];
