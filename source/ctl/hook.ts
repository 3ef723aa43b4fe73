import {randomUUID} from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import {text as readAll} from 'node:stream/consumers';
import type {Json} from '../../state/json.js';
import {visible} from '../../state/view/visible.js';
import {sha256} from '../digest.js';
import {exitCodes} from '../errors.js';
import {packageVersion} from '../package-version.js';
import {attemptServer, readAttempt} from './attempt-server.js';
import {createClient} from './client.js';
import {at, type Call, type CtlCommand, type Done} from './command.js';
import {usage} from './failure.js';
import {persist} from './persist.js';
import {transcriptUsage} from './transcript-usage.js';

/** How long a call that asks nothing may hold its agent. */
const tellingMs = 5000;

type Fields = Readonly<Record<string, Json>>;

const eventOf = (text: string): Fields => {
	let event: unknown;
	try {
		event = JSON.parse(text);
	} catch {
		throw usage('What came on stdin is not JSON.');
	}

	if (typeof event !== 'object' || event === null || Array.isArray(event)) {
		throw usage('What came on stdin is not a JSON object.');
	}

	return event as Fields;
};

/** What tools gave back is not read by anybody, and may be a whole file. */
const withoutResults = ({tool_response: _, toolResult, ...event}: Fields): Fields => ({
	...event,
	...(toolResult !== undefined && {toolResult: true}),
});

/** The end of a turn tells where its transcript is: its sums go along. */
const withUsage = (event: Fields): Fields => {
	const {transcript_path: claudes, transcriptPath: copilots, hook_event_name: name, stopReason} = event;
	const file = claudes ?? copilots;
	const isEnd = name === 'Stop' || name === 'StopFailure' || name === 'SessionEnd' || stopReason !== undefined;
	const sums = isEnd && typeof file === 'string' && path.isAbsolute(file) ? transcriptUsage(file) : undefined;
	return sums ? {...event, transcript_usage: sums} : event;
};

const callHook = async ({flags, printLine, stdin, signal: outer}: Call): Promise<void> => {
	const folder = flags.need('folder');
	const event = withUsage(withoutResults(eventOf(await readAll(stdin))));
	const {place, token} = attemptServer(folder);
	const client = createClient({place, token: token(), version: packageVersion()});
	const isTelling = flags.has('tell');
	// The same call is the same request however often it is sent again; another process asks anew.
	const key = `hook:${sha256(`${randomUUID()}${JSON.stringify(event)}`)}`;
	const request = {
		method: 'POST',
		path: `${at('runs', readAttempt(folder).runId)}/hook`,
		body: {event, ...(!isTelling && {idempotency_key: key})},
	} as const;
	if (isTelling) {
		const signal = AbortSignal.any([outer, AbortSignal.timeout(tellingMs)]);
		await client.call({...request, signal});
		return;
	}

	const send = () => client.call({...request, quietMs: 0, signal: outer});
	const {output} = await persist(send, {isExpected: true, signal: outer});
	if (output !== undefined && output !== null) {
		printLine(JSON.stringify(output));
	}
};

const hook = async (call: Call): Promise<Done> => {
	try {
		await callHook(call);
	} catch (error) {
		process.stderr.write(`agentctl hook: ${visible(error instanceof Error ? error.message : String(error))}\n`);
	}

	return {exitCode: exitCodes.ok};
};

/**
 * What agents run as their hook: hands the call on stdin to the coordinator and prints what it says. A call that asks waits, also for a
 * coordinator that is away; with `--tell` it gives up soon, so that no agent is held for news. Whatever goes wrong, it prints nothing and
 * exits 0: the agent's own dialog decides then, and nothing is allowed.
 */
export const hookCommand: CtlCommand = {
	words: ['hook'],
	about: 'what agents run as their hook: the call on stdin, the answer on stdout',
	flags: ['folder', 'tell'],
	run: hook,
};
