import type {AgentActivity, BlockedKind, StatusReport} from '../../state/agent/agent-status.js';
import {mostHeld} from './escape-sequences.js';

/*
 * OSC 7501, the program status protocol, revision 0.2: `7501;state=blocked:kind=permission:app=…:msg=<base64>`. What it says is an
 * agent's own word: shown, never obeyed.
 */

/** States as the protocol names them; `clear` takes a report back. */
const activities: Readonly<Record<string, AgentActivity>> = {
	idle: 'idle',
	working: 'working',
	done: 'done',
	blocked: 'blocked',
	error: 'error',
};

/** Of several programs in one terminal, the one that most wants to be looked at speaks for all. */
const urgency: readonly AgentActivity[] = ['blocked', 'error', 'working', 'done', 'idle'];

const mostPrograms = 16;
const longestName = 64;
const longestText = 200;
/** `ESC ]` and a terminator of one byte. */
const frameBytes = 3;

const prefix = '7501;';
const promptMark = /^133;A(?:;|$)/;

type ProgramReport = {
	readonly activity: AgentActivity;
	readonly kind?: BlockedKind;
	readonly app: string;
	readonly message: string;
	readonly progress?: number;
	readonly atMs: number;
};

const unsafe = /[\p{C}\p{Zl}\p{Zp}]/gu;
const cleaned = (text: string, longest: number): string => [...text.replaceAll(unsafe, ' ').trim()].slice(0, longest).join('');

const decoded = (base64: string | undefined): string => {
	const isBase64 = base64 !== undefined && /^[\w+/-]*={0,2}$/.test(base64);
	return isBase64 ? cleaned(Buffer.from(base64, 'base64').toString('utf8'), longestText) : '';
};

const kindOf = (word: string | undefined): BlockedKind | undefined =>
	word === 'permission' || word === 'question' || word === 'auth' ? word : undefined;

const fieldsOf = (body: string): ReadonlyMap<string, string> =>
	new Map(
		body
			.slice(prefix.length)
			.split(':')
			.map(field => {
				const separator = field.indexOf('=');
				return separator === -1 ? ['', ''] : [field.slice(0, separator), field.slice(separator + 1)];
			}),
	);

const progressOf = (digits: string | undefined): number | undefined =>
	digits !== undefined && /^\d{1,3}$/.test(digits) ? Math.min(100, Number(digits)) : undefined;

const reportOf = (fields: ReadonlyMap<string, string>, activity: AgentActivity, atMs: number): ProgramReport => {
	const kind = activity === 'blocked' ? kindOf(fields.get('kind')) : undefined;
	const progress = progressOf(fields.get('progress'));
	return {
		activity,
		app: cleaned(fields.get('app') ?? '', longestName),
		message: decoded(fields.get('msg')) || decoded(fields.get('title')),
		atMs,
		...(kind && {kind}),
		...(progress !== undefined && {progress}),
	};
};

const evidenceOf = ({app, activity, kind, message, progress}: ProgramReport): string =>
	[
		`${app || 'a program'} reported ${activity}${kind === undefined ? '' : ` (${kind})`}`,
		...(progress === undefined ? [] : [`${progress} %`]),
		...(message === '' ? [] : [message]),
	].join(', ');

/** What the programs in one terminal say of themselves. */
export type ProgramStatus = {
	/** Takes the body of a complete OSC, one character a byte, and tells whether anything changed. Others than 7501 and 133 A mean nothing. */
	take(body: string, nowMs: number): boolean;
	/** What they say, taken together; undefined when they say nothing. */
	readonly current: StatusReport | undefined;
};

export const createProgramStatus = (): ProgramStatus => {
	const programs = new Map<string, ProgramReport>();

	/** A shell asks for a command again: whatever was at work there is over. */
	const dropUnfinished = (): boolean => {
		const unfinished = [...programs].filter(([, {activity}]) => activity === 'working' || activity === 'blocked');
		for (const [id] of unfinished) {
			programs.delete(id);
		}

		return unfinished.length > 0;
	};

	const report = (fields: ReadonlyMap<string, string>, nowMs: number): boolean => {
		const id = fields.get('id') ?? '';
		const state = fields.get('state') ?? '';
		if (id.length > longestName) {
			return false;
		}

		if (state === 'clear') {
			return programs.delete(id);
		}

		const activity = Object.hasOwn(activities, state) ? activities[state] : undefined;
		if (activity === undefined || (programs.size >= mostPrograms && !programs.has(id))) {
			return false;
		}

		programs.set(id, reportOf(fields, activity, nowMs));
		return true;
	};

	return {
		take(body, nowMs) {
			if (promptMark.test(body)) {
				return dropUnfinished();
			}

			const isTooLong = body.length + frameBytes > mostHeld;
			return body.startsWith(prefix) && !isTooLong && report(fieldsOf(body), nowMs);
		},
		get current(): StatusReport | undefined {
			const reports = urgency.flatMap(activity => [...programs.values()].filter(one => one.activity === activity));
			const [first] = reports;
			return (
				first && {
					activity: first.activity,
					...(first.kind && {kind: first.kind}),
					source: 'osc',
					confidence: 0.95,
					evidence: evidenceOf(first),
					atMs: first.atMs,
				}
			);
		},
	};
};
