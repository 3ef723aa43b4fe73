import {setTimeout as sleep} from 'node:timers/promises';
import type {AgentReport} from '../../state/agent/agent-report.js';
import type {Json} from '../../state/json.js';
import type {AgentChannel, ChannelContext} from '../agent-adapter.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {packageVersion} from '../package-version.js';
import {type Fields, fieldsOf, listOf, textOf, textsOf} from '../untrusted-json.js';
import {
	type CodexRequest,
	limitReport,
	readRequest,
	replyTo,
	resetOf,
	statusReport,
	toolReport,
	usageReport,
	wordsFor,
} from './codex-messages.js';
import {keepConnected} from './lasting-connection.js';
import {openRpcLink, type RpcId, type RpcLink} from './rpc-link.js';

/** A thread has no history to join for about the first second of its life. */
const joinEveryMs = 300;
const joinTries = 100;
/** Requests that wait are told again right after joining; by then they have been. */
const settledAfterMs = 1000;
/** A status is told again, so that it does not count as old while nothing changes. */
const statusEveryMs = 60_000;

type Held = CodexRequest & {readonly rpcId: RpcId; isAnswered?: true};

type CodexChannelOptions = Pick<ChannelContext, 'emit' | 'log' | 'threadId'> & {
	readonly socketPath: string;
	/** Whether it is known that there will be no server: its screen runs without one. */
	readonly isAbsent?: () => boolean;
};

/** The second client of a Codex app-server: hears what its threads do and answers what they ask, beside Codex's own screen. */
export const openCodexChannel = (options: CodexChannelOptions): AgentChannel => {
	const {socketPath, isAbsent = () => false, emit, log} = options;
	/** What the agent waits for, by our name of it. */
	const held = new Map<string, Held>();
	const joining = new Set<string>();
	const joined = new Set<string>();
	/** Threads of Codex's own that nobody talks to, such as the one that finds a title. */
	const passing = new Set<string>();
	const statuses = new Map<string, Fields>();
	const changes = new Map<string, Fields>();
	const fileChanges = new Map<string, Fields>();
	let mainThreadId = options.threadId;
	let turnId: string | undefined;
	let resetsAtMs: number | undefined;
	let link: RpcLink | undefined;

	const tell = (report: AgentReport | undefined): void => {
		if (report) {
			emit({type: 'report', report});
		}
	};

	const tellStatus = (): void => {
		const all = [...statuses.values()].flatMap(status => statusReport(status, Date.now()) ?? []);
		const by = (activity: string) => all.find(report => report.kind === 'status' && report.status.activity === activity);
		tell(by('blocked') ?? by('working') ?? all[0]);
	};

	const noteStatus = (threadId: string, status: Fields): void => {
		const wasActive = statuses.get(threadId)?.['type'] === 'active';
		if (threadId === mainThreadId && status['type'] === 'active' && !wasActive) {
			tell({kind: 'accepted'});
		}

		statuses.set(threadId, status);
		tellStatus();
	};

	/** Joins a thread, so that its requests reach us. Gives up quietly when the connection is gone or the thread never has a history. */
	const join = async (to: RpcLink, threadId: string): Promise<void> => {
		if (joining.has(threadId)) {
			return;
		}

		joining.add(threadId);
		for (let tries = 0; tries < joinTries && to === link && !joined.has(threadId); tries += 1) {
			changes.delete(threadId);
			try {
				const {thread} = await to.request('thread/resume', {threadId, excludeTurns: true});
				joined.add(threadId);
				// A change that was told right behind this answer is newer than it.
				noteThread({...fieldsOf(thread), ...(changes.has(threadId) && {status: changes.get(threadId)})});
			} catch {
				await sleep(joinEveryMs, undefined, {ref: false});
			}
		}

		joining.delete(threadId);
	};

	const noteThread = (thread: Fields): void => {
		const id = textOf(thread['id']);
		if (id === undefined || thread['ephemeral'] === true) {
			return;
		}

		if (!textOf(thread['parentThreadId']) && mainThreadId !== id) {
			mainThreadId = id;
		}

		if (mainThreadId === id && !statuses.has(id)) {
			tell({kind: 'thread', threadId: id});
		}

		noteStatus(id, fieldsOf(thread['status']));
	};

	const fileChangeOf = async (from: RpcLink, {itemId, threadId}: Fields): Promise<Fields | undefined> => {
		const known = fileChanges.get(String(itemId));
		if (known) {
			return known;
		}

		// Asked before we joined: the thread has it.
		const {thread} = await from.request('thread/read', {threadId, includeTurns: true});
		const items = listOf(fieldsOf(thread)['turns']).flatMap(turn => listOf(fieldsOf(turn)['items']).map(fieldsOf));
		return items.find(({id}) => id === itemId);
	};

	const hold = async (from: RpcLink, rpcId: RpcId, request: CodexRequest): Promise<void> => {
		const isFileChange = request.method === 'item/fileChange/requestApproval';
		const item = isFileChange ? await fileChangeOf(from, request.params).catch(() => undefined) : undefined;
		const asked = readRequest(request, item);
		if (asked && from === link) {
			turnId = textOf(request.params['turnId']) ?? turnId;
			held.set(asked.requestId, {...request, rpcId});
			emit({type: 'request', request: asked});
		}
	};

	const release = (rpcId: unknown): void => {
		for (const [requestId, request] of held) {
			if (request.rpcId === rpcId) {
				held.delete(requestId);
				if (!request.isAnswered) {
					emit({type: 'request-closed', requestId, why: 'it was answered on the screen of the agent'});
				}
			}
		}
	};

	const heard: Readonly<Record<string, (params: Fields) => void>> = {
		'thread/started': ({thread}) => {
			const {id, ephemeral} = fieldsOf(thread);
			if (ephemeral === true) {
				passing.add(String(id));
			} else if (link && typeof id === 'string') {
				noteThread(fieldsOf(thread));
				void join(link, id);
			}
		},
		'thread/status/changed': ({threadId, status}) => {
			if (typeof threadId !== 'string' || passing.has(threadId)) {
				return;
			}

			changes.set(threadId, fieldsOf(status));
			if (statuses.has(threadId)) {
				noteStatus(threadId, fieldsOf(status));
			} else if (link) {
				// A resumed thread is not announced in any other way.
				void join(link, threadId);
			}
		},
		'thread/closed': ({threadId}) => void statuses.delete(String(threadId)),
		'turn/started': ({turn}) => {
			turnId = textOf(fieldsOf(turn)['id']);
		},
		'item/started': ({item}) => {
			const {type, id} = fieldsOf(item);
			if (type === 'fileChange') {
				fileChanges.set(String(id), fieldsOf(item));
			}
		},
		'item/completed': ({item}) => {
			fileChanges.delete(String(fieldsOf(item)['id']));
			tell(toolReport(fieldsOf(item)));
		},
		'serverRequest/resolved': ({requestId}) => release(requestId),
		'thread/tokenUsage/updated': ({threadId, tokenUsage}) => {
			if (threadId === mainThreadId) {
				tell(usageReport(tokenUsage));
			}
		},
		'account/rateLimits/updated': ({rateLimits}) => {
			resetsAtMs = resetOf(rateLimits);
		},
		error: params => tell(limitReport(params, resetsAtMs)),
	};

	/** Joins what is loaded, as soon as anything is, and then tells all that waits, so that what was answered meanwhile is known. */
	const catchUp = async (to: RpcLink): Promise<void> => {
		while (to === link && joined.size === 0) {
			const {data} = await to.request('thread/loaded/list');
			const soon = sleep(settledAfterMs, undefined, {ref: false});
			const threadIds = textsOf(data).filter(threadId => !passing.has(threadId));
			await Promise.race([Promise.all([...threadIds.map(threadId => join(to, threadId)), soon]), soon]);
		}

		await sleep(settledAfterMs, undefined, {ref: false});
		if (to === link) {
			emit({type: 'requests', requestIds: [...held.keys()]});
		}
	};

	const run = async (signal: AbortSignal, onGood: () => void): Promise<void> => {
		if (isAbsent()) {
			// Nothing could prove it then, and taking a working agent back would be worse than believing it.
			tell({kind: 'accepted'});
			log('Codex has no server of its own here; its screen asks alone.');
			connection.close();
			return;
		}

		const closed = Promise.withResolvers<void>();
		const opened: RpcLink = await openRpcLink(socketPath, {
			onClose: closed.resolve,
			onNotification: (method, params) => (Object.hasOwn(heard, method) ? heard[method]?.(params) : undefined),
			onRequest: (id, method, params) => void hold(opened, id, {method, params}),
		});
		const leave = () => opened.close();
		signal.addEventListener('abort', leave);
		const again = setInterval(tellStatus, statusEveryMs);
		again.unref();
		try {
			signal.throwIfAborted();
			link = opened;
			for (const memory of [held, joining, joined, statuses]) {
				memory.clear();
			}

			const clientInfo = {name: 'agent-tui', title: 'agent-tui', version: packageVersion()};
			await opened.request('initialize', {clientInfo, capabilities: {experimentalApi: true}});
			opened.notify('initialized');
			onGood();
			await catchUp(opened);
			await closed.promise;
		} finally {
			signal.removeEventListener('abort', leave);
			clearInterval(again);
			link = undefined;
			opened.close();
		}
	};

	const connection = keepConnected({run, onTrouble: error => log('Codex’s own server does not answer; its screen asks alone.', error)});
	const steer = (threadId: Json | undefined, text: string): void => {
		const input = [{type: 'text', text, text_elements: []}];
		link?.request('turn/steer', {threadId, expectedTurnId: turnId ?? '', input}).catch((error: unknown) => {
			log('Codex was not told the reason of a denial.', error);
		});
	};

	return {
		async answer(requestId, answer) {
			const request = held.get(requestId);
			if (!request || answer.choice === 'withdrawn') {
				return 'gone';
			}

			request.isAnswered = true;
			if (!link?.respond(request.rpcId, replyTo(request, answer))) {
				return 'gone';
			}

			const words = wordsFor(request, answer);
			if (words !== undefined) {
				steer(request.params['threadId'], words);
			}

			return 'taken';
		},
		async interrupt() {
			if (!link) {
				throw new ExpectedError('Codex is not connected.', {exitCode: exitCodes.unavailable});
			}

			await link.request('turn/interrupt', {threadId: mainThreadId, turnId});
		},
		close: connection.close,
	};
};
