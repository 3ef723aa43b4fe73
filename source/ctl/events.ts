import type {IncomingMessage} from 'node:http';
import type {Json} from '../../state/json.js';
import {visible} from '../../state/view/visible.js';
import type {Answer} from './client.js';
import {at, type Call, type Done, type Row, withQuery} from './command.js';
import {Unreachable} from './failure.js';
import {persist} from './persist.js';
import {safeJson} from './print.js';

type Event = Readonly<Record<string, Json | undefined>>;

const shownBefore = 20;
/** The server says something at least this often, or it is gone. */
const quietMs = 60_000;

const clock = (atMs: Json | undefined): string => (typeof atMs === 'number' ? new Date(atMs).toISOString().slice(11, 19) : '');

const eventsOf = (answer: Answer): readonly Event[] => (answer['events'] ?? []) as readonly Event[];

/** Where the most telling words of an event are, the first that is there. */
const tellingPaths: ReadonlyArray<readonly string[]> = [
	['run', 'text'],
	['escalation', 'text'],
	['message', 'text'],
	['session', 'label'],
	['decision', 'choice'],
	['end'],
	['sentence'],
	['why'],
	['reason'],
	['label'],
	['breaker', 'state'],
	['by'],
];

const about = (event: Event): string => {
	const found = tellingPaths.map(path => path.reduce<Json | undefined>((at, name) => (at as Event | undefined)?.[name], event['data']));
	return String(found.find(value => value !== undefined && value !== null) ?? '');
};

/** One event as the row of a table. */
export const eventRows = (answer: Answer): readonly Row[] =>
	eventsOf(answer).map(event => ({
		seq: Number(event['seq']),
		time: clock(event['at_ms']),
		type: String(event['type']),
		run: String(event['run_id'] ?? ''),
		about: about(event),
	}));

const lineOf = (event: Event): string =>
	visible(`${event['seq']} ${clock(event['at_ms'])} ${event['type']} ${event['run_id'] ?? '-'} ${about(event)}`.trimEnd());

async function* linesOf(response: IncomingMessage): AsyncIterable<string> {
	let rest = '';
	for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop() ?? '';
		yield* lines;
	}
}

/** Reads a response as server-sent events. Resolves when it ends; rejects when it breaks. */
const readStream = async (response: IncomingMessage, onEvent: (data: string, id: string | undefined) => void): Promise<void> => {
	let id: string | undefined;
	for await (const line of linesOf(response)) {
		if (line.startsWith('id: ')) {
			id = line.slice(4);
		} else if (line.startsWith('data: ')) {
			onEvent(line.slice(6), id);
		} else if (line === '') {
			id = undefined;
		}
	}
};

/**
 * The newest events of a session; with `--follow` also those that come, until it is interrupted. A stream that breaks is taken up again
 * behind the last event that was whole.
 */
export const tailEvents = async ({client, flags, isJson, printLine, signal}: Call): Promise<Done> => {
	const sessionId = flags.need('session-id');
	const print = (event: Event): void => printLine(isJson ? safeJson(event) : lineOf(event));
	const last = flags.number('limit') ?? shownBefore;
	const before = await client.call({method: 'GET', path: withQuery(`${at('sessions', sessionId)}/events`, {last}), signal});
	for (const event of eventsOf(before)) {
		print(event);
	}

	if (!flags.has('follow')) {
		return {};
	}

	let cursor = Number(before['next_cursor']);
	const follow = async (): Promise<never> => {
		const path = withQuery('/stream', {sessionId});
		const response = await client.open({method: 'GET', path, headers: {'last-event-id': String(cursor)}, quietMs, signal});
		try {
			await readStream(response, (data, id) => {
				print(JSON.parse(data) as Event);
				cursor = id === undefined ? cursor : Number(id);
			});
		} catch (error) {
			throw new Unreachable('The stream of events broke.', {wasReached: true, cause: error});
		}

		throw new Unreachable('The stream of events ended.', {wasReached: true});
	};
	return persist(follow, {isExpected: false, signal});
};
