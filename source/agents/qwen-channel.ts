import {appendFileSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {AgentAnswer, AgentChannel, ChannelContext} from '../agent-adapter.js';
import {tailJson} from './json-tail.js';
import {createQwenEvents} from './qwen-events.js';

/** What Qwen writes to, what it reads from, and how far its events have been reported, in the attempt's folder. */
export const qwenFiles = {events: 'qwen-events.jsonl', input: 'qwen-input.jsonl', offset: 'qwen-offset'} as const;

/** How long Qwen has to act on an answer; it tells nothing when its dialog was already gone. */
const actsWithinMs = 5000;

const lookAgainMs = 50;

const savedOffset = (file: string): number => {
	try {
		return Number(readFileSync(file, 'utf8')) || 0;
	} catch {
		// Nothing was reported yet.
		return 0;
	}
};

/**
 * Follows Qwen's events and answers through its input file. What was reported before, by this coordinator or an earlier one, is read
 * again only to know what is still open, so that nothing is counted twice.
 */
export const openQwenChannel = (
	{folder, cwd, emit, log}: Pick<ChannelContext, 'folder' | 'cwd' | 'emit' | 'log'>,
	{answerMs = actsWithinMs}: {readonly answerMs?: number} = {},
): AgentChannel => {
	const offsetFile = path.join(folder, qwenFiles.offset);
	const reportedTo = savedOffset(offsetFile);
	const events = createQwenEvents({cwd, now: Date.now});
	let reachedOffset = reportedTo;
	let isCatchingUp = reportedTo > 0;
	let isClosed = false;

	const save = (): void => {
		try {
			writeFileSync(offsetFile, String(reachedOffset), {mode: 0o600});
		} catch (error) {
			log('Could not note how far the events of Qwen were read.', error);
		}
	};

	const askAgain = (): void => {
		isCatchingUp = false;
		for (const request of events.pending()) {
			emit({type: 'request', request});
		}
	};

	const tail = tailJson({
		file: path.join(folder, qwenFiles.events),
		onLine(event, endOffset) {
			const isNew = endOffset > reportedTo;
			if (isNew && isCatchingUp) {
				askAgain();
			}

			const news = events.take(event);
			if (!isNew) {
				return;
			}

			reachedOffset = endOffset;
			for (const one of news) {
				emit(one);
			}

			if (news.length > 0) {
				save();
			}
		},
		onFailure: error => log('Could not read the events of Qwen.', error),
	});
	tail.look();
	if (isCatchingUp) {
		askAgain();
	}

	emit({type: 'requests', requestIds: events.pending().map(({requestId}) => requestId)});

	const isTaken = async (requestId: string): Promise<boolean> => {
		const untilMs = Date.now() + answerMs;
		for (;;) {
			tail.look();
			if (!events.isOpen(requestId)) {
				return true;
			}

			if (isClosed || Date.now() >= untilMs) {
				return false;
			}

			await new Promise(resolve => {
				setTimeout(resolve, lookAgainMs);
			});
		}
	};

	return {
		async answer(requestId, {choice}: AgentAnswer) {
			if (choice === 'withdrawn' || !events.isOpen(requestId)) {
				return 'gone';
			}

			// Qwen takes no words with an answer: a denial, an expiry and a text are all a no.
			const allowed = choice === 'approve';
			const response = {type: 'confirmation_response', request_id: requestId, allowed};
			appendFileSync(path.join(folder, qwenFiles.input), `${JSON.stringify(response)}\n`, {mode: 0o600});
			if (allowed) {
				return (await isTaken(requestId)) ? 'taken' : 'gone';
			}

			for (const event of events.refuse(requestId)) {
				emit(event);
			}

			return 'taken';
		},
		close() {
			isClosed = true;
			tail.close();
		},
	};
};
