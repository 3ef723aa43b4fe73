import {given} from './command.js';
import type {FlagName, Flags} from './flags.js';

/** What may be said about a run beside its text. */
export const runFlags = [
	'lane',
	'depends-on',
	'on-dependency-failure',
	'demand',
	'retry',
	'preemptible',
	'preempts',
	'deadline-at-ms',
	'idempotency-key',
] as const satisfies readonly FlagName[];

/** Those that were given, under the names of the wire. */
export const runFields = (flags: Flags): Record<string, unknown> => {
	const deadline = flags.number('deadline-at-ms');
	return {
		...given(flags, ['lane', 'on-dependency-failure', 'idempotency-key']),
		...(flags.has('depends-on') && {depends_on: flags.all('depends-on')}),
		...(flags.has('demand') && {demands: flags.all('demand')}),
		...(flags.has('retry') && {retry: true}),
		...(flags.has('preemptible') && {preemptible: true}),
		...(flags.has('preempts') && {preempts: true}),
		...(deadline !== undefined && {deadline_at_ms: deadline}),
	};
};

/** What may be said about a new session, and those that were given. */
export const sessionFlags = ['agent', 'label', 'cwd', 'tag', 'on-parent-success'] as const satisfies readonly FlagName[];

export const sessionFields = (flags: Flags): Record<string, unknown> => ({
	...given(flags, ['agent', 'label', 'on-parent-success']),
	...(flags.has('tag') && {tags: flags.all('tag')}),
});
