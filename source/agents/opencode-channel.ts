import {readFileSync} from 'node:fs';
import {createParser} from 'eventsource-parser';
import type {AgentReport} from '../../state/agent/agent-report.js';
import type {AgentAnswer, AgentChannel, AgentRequest, ChannelContext} from '../agent-adapter.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {type Fields, fieldsOf, listOf, parsedJson, textOf} from '../untrusted-json.js';
import {keepConnected} from './lasting-connection.js';
import {
	answersTo,
	limitReport,
	permissionReply,
	protocolStatus,
	readPermission,
	readQuestion,
	toolReport,
	usageReport,
} from './opencode-messages.js';
import {givePrompt} from './opencode-prompt.js';

/** A server that is still starting may take a connection and never answer. */
const answerTimeoutMs = 5000;
/** OpenCode sends a heartbeat every ten seconds; a stream silent for longer is dead. */
const silenceMs = 60_000;
const statusEveryMs = 60_000;

type Held = {readonly kind: 'permission' | 'question'; readonly request: Fields; isAnswered?: true};

type OpencodeChannelOptions = Pick<ChannelContext, 'emit' | 'log' | 'threadId' | 'cwd'> & {
	readonly portFile: string;
	readonly passwordFile: string;
	/** The prompt of a resumed conversation, until it was given to the server. */
	readonly promptFile?: string;
};

const readSmall = (file: string): string => readFileSync(file, 'utf8').trim();

/** Requests to the server of one OpenCode. */
const createHttp = ({portFile, passwordFile}: OpencodeChannelOptions) => {
	const send = (path: string, {signal, body}: {readonly signal: AbortSignal; readonly body?: Fields}): Promise<Response> => {
		const authorization = `Basic ${Buffer.from(`opencode:${readSmall(passwordFile)}`).toString('base64')}`;
		return fetch(`http://127.0.0.1:${Number(readSmall(portFile))}${path}`, {
			headers: {authorization, ...(body && {'content-type': 'application/json'})},
			...(body && {method: 'POST', body: JSON.stringify(body)}),
			redirect: 'error',
			signal,
		});
	};

	const refused = (path: string, {status}: Response) =>
		new ExpectedError(`OpenCode answered ${status} to ${path}.`, {exitCode: exitCodes.unavailable});

	return {
		async get(path: string): Promise<unknown> {
			const response = await send(path, {signal: AbortSignal.timeout(answerTimeoutMs)});
			if (!response.ok) {
				throw refused(path, response);
			}

			return response.json();
		},
		/** The status; a body is not waited for. */
		async post(path: string, body: Fields): Promise<number> {
			const response = await send(path, {signal: AbortSignal.timeout(answerTimeoutMs), body});
			await response.body?.cancel();
			return response.status;
		},
		/** Opens a stream; only its head has a time limit. */
		async open(path: string, signal: AbortSignal): Promise<NonNullable<Response['body']>> {
			const late = new AbortController();
			const timer = setTimeout(() => late.abort(), answerTimeoutMs);
			try {
				const response = await send(path, {signal: AbortSignal.any([signal, late.signal])});
				if (!response.ok || !response.body) {
					throw refused(path, response);
				}

				return response.body;
			} finally {
				clearTimeout(timer);
			}
		},
	};
};

/** The second client of an OpenCode: hears its events and answers what it asks, beside its own screen. */
export const openOpencodeChannel = (options: OpencodeChannelOptions): AgentChannel => {
	const {cwd, emit, log, promptFile} = options;
	const http = createHttp(options);
	const held = new Map<string, Held>();
	/** Answered since the last connection. */
	const released = new Set<string>();
	let threadId = options.threadId;
	let status: AgentReport | undefined;
	let isWorking = false;
	let lastUsed: string | undefined;

	const tell = (report: AgentReport | undefined): void => {
		if (report) {
			emit({type: 'report', report});
		}
	};

	const tellStatus = (): void => {
		const [first] = held.values();
		const blocked = first && ({activity: 'blocked', kind: first.kind, evidence: `it asks for a ${first.kind}`} as const);
		const free = isWorking
			? ({activity: 'working', evidence: 'session busy'} as const)
			: ({activity: 'idle', evidence: 'session idle'} as const);
		status = protocolStatus(blocked ?? free, Date.now());
		tell(status);
	};

	const bind = (id: string | undefined, parentId: unknown): void => {
		const isMain = id !== undefined && parentId === undefined;
		if (isMain && id !== threadId) {
			threadId = id;
			tell({kind: 'thread', threadId: id});
		}
	};

	const hold = (kind: Held['kind'], request: Fields): void => {
		const asked: AgentRequest | undefined = kind === 'permission' ? readPermission(request, cwd) : readQuestion(request);
		if (asked && !held.has(asked.requestId)) {
			held.set(asked.requestId, {kind, request});
			emit({type: 'request', request: asked});
			tellStatus();
		}
	};

	const release = ({requestID}: Fields): void => {
		const requestId = String(requestID);
		const request = held.get(requestId);
		released.add(requestId);
		if (request) {
			held.delete(requestId);
			if (!request.isAnswered) {
				emit({type: 'request-closed', requestId, why: 'it was answered on the screen of the agent'});
			}

			tellStatus();
		}
	};

	const noteStatus = (sessionId: unknown, type: unknown): void => {
		const isOurs = threadId === undefined || sessionId === threadId;
		if (!isOurs) {
			return;
		}

		const wasWorking = isWorking;
		isWorking = type === 'busy' || type === 'retry';
		if (isWorking && !wasWorking) {
			tell({kind: 'accepted'});
		}

		if (isWorking !== wasWorking || !status) {
			tellStatus();
		}
	};

	const noteSession = (info: Fields): void => {
		bind(textOf(info['id']), info['parentID']);
		// The record is told with every change of its title and the like.
		const used = JSON.stringify([info['tokens'], info['cost']]);
		if (info['id'] === threadId && used !== lastUsed) {
			lastUsed = used;
			tell(usageReport(info));
		}
	};

	const heard: Readonly<Record<string, (properties: Fields) => void>> = {
		'session.created': ({info}) => noteSession(fieldsOf(info)),
		'session.updated': ({info}) => noteSession(fieldsOf(info)),
		'session.status': ({sessionID, status: now}) => noteStatus(sessionID, fieldsOf(now)['type']),
		'session.idle': ({sessionID}) => noteStatus(sessionID, 'idle'),
		'session.error': ({error}) => tell(limitReport(fieldsOf(error))),
		'permission.asked': request => hold('permission', request),
		'permission.replied': release,
		'question.asked': request => hold('question', request),
		'question.replied': release,
		'question.rejected': release,
		'message.part.updated': ({part}) => tell(toolReport(fieldsOf(part))),
	};

	const take = (data: string): void => {
		const {type, properties} = fieldsOf(parsedJson(data));
		if (typeof type === 'string' && Object.hasOwn(heard, type)) {
			heard[type]?.(fieldsOf(properties));
		}
	};

	/** What waits now, asked after the stream was opened: what the stream tells meanwhile is newer than these lists. */
	const catchUp = async (): Promise<void> => {
		const before = [...held.keys()];
		released.clear();
		const [permissions, questions, statuses] = await Promise.all(['/permission', '/question', '/session/status'].map(http.get));
		const lists = {permission: listOf(permissions).map(fieldsOf), question: listOf(questions).map(fieldsOf)};
		for (const kind of ['permission', 'question'] as const) {
			for (const request of lists[kind].filter(({id}) => !released.has(String(id)))) {
				hold(kind, request);
			}
		}

		const waiting = new Set([...lists.permission, ...lists.question].map(({id}) => id));
		for (const requestId of before.filter(id => !waiting.has(id))) {
			held.delete(requestId);
		}

		for (const [sessionId, now] of Object.entries(fieldsOf(statuses))) {
			noteStatus(sessionId, fieldsOf(now)['type']);
		}

		emit({type: 'requests', requestIds: [...held.keys()]});
	};

	const read = async (stream: NonNullable<Response['body']>, signal: AbortSignal): Promise<void> => {
		const parser = createParser({onEvent: ({data}) => take(data)});
		const decoder = new TextDecoder();
		const reader = stream.getReader();
		const leave = () => void reader.cancel().catch(() => undefined);
		let silence: NodeJS.Timeout | undefined;
		signal.addEventListener('abort', leave);
		try {
			for (;;) {
				clearTimeout(silence);
				silence = setTimeout(leave, silenceMs);
				silence.unref();
				const {done, value} = await reader.read();
				if (done) {
					return;
				}

				parser.feed(decoder.decode(value, {stream: true}));
			}
		} finally {
			clearTimeout(silence);
			signal.removeEventListener('abort', leave);
			leave();
		}
	};

	const submit = async (): Promise<void> => {
		if (promptFile !== undefined && threadId !== undefined) {
			await givePrompt({file: promptFile, threadId, post: http.post});
		}
	};

	const run = async (signal: AbortSignal, onGood: () => void): Promise<void> => {
		const stream = await http.open('/event', signal);
		const again = setInterval(() => status && tellStatus(), statusEveryMs);
		again.unref();
		try {
			const reading = read(stream, signal);
			await Promise.all([catchUp().then(submit).then(onGood), reading]);
		} finally {
			clearInterval(again);
		}
	};

	const reply = ({kind, request}: Held, requestId: string, answer: AgentAnswer): Promise<number> => {
		const at = `/${kind}/${encodeURIComponent(requestId)}`;
		if (kind === 'permission') {
			return http.post(`${at}/reply`, permissionReply(answer));
		}

		return answer.choice === 'answer'
			? http.post(`${at}/reply`, {answers: answersTo(request, answer.text)})
			: http.post(`${at}/reject`, {});
	};

	const {close} = keepConnected({run, onTrouble: error => log('OpenCode’s own server does not answer; its screen asks alone.', error)});
	return {
		async answer(requestId, answer) {
			const request = held.get(requestId);
			if (!request || answer.choice === 'withdrawn') {
				return 'gone';
			}

			request.isAnswered = true;
			try {
				const code = await reply(request, requestId, answer);
				return code >= 200 && code < 300 ? 'taken' : 'gone';
			} catch (error) {
				delete request.isAnswered;
				throw error;
			}
		},
		async interrupt() {
			await http.post(`/session/${encodeURIComponent(threadId ?? '')}/abort`, {});
		},
		close,
	};
};
