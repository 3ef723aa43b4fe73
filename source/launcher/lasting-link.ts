import type {Log} from '../log.js';
import {isUnreachable, type Link, type LinkOptions, openLink} from './link.js';

/** A connection that is made again whenever it breaks, until it is closed. */
export type LastingLink = {
	/** The connection now; `undefined` while there is none. */
	readonly current: Link | undefined;
	/** The last one there was. */
	readonly latest: Link;
	close(): Promise<void>;
};

export type LastingLinkOptions = Omit<LinkOptions, 'onClose'> & {
	/** Connected again. Not called for the first connection. */
	readonly onUp: () => void;
	readonly onDown: () => void;
	/** Nobody answers any more: a chance to start somebody. Called before each further attempt. */
	readonly onUnreachable?: () => void;
	readonly log: Log;
};

const firstRetryMs = 50;
const longestRetryMs = 2000;

/** Rejects when the first attempt fails. Later ones are repeated for ever, at growing intervals. */
export const openLastingLink = async ({onUp, onDown, onUnreachable, ...options}: LastingLinkOptions): Promise<LastingLink> => {
	let isClosed = false;
	let retryMs = firstRetryMs;
	let timer: NodeJS.Timeout | undefined;
	let current: Link | undefined;

	const open = async (): Promise<Link> =>
		openLink({
			...options,
			onClose() {
				current = undefined;
				if (!isClosed) {
					onDown();
					retryLater();
				}
			},
		});

	const retryLater = () => {
		timer = setTimeout(() => void retry(), retryMs);
		retryMs = Math.min(retryMs * 2, longestRetryMs);
	};

	const retry = async () => {
		try {
			const link = await open();
			if (isClosed) {
				await link.close();
				return;
			}

			[current, latest, retryMs] = [link, link, firstRetryMs];
			onUp();
		} catch (error) {
			options.log('The launcher is not back yet.', error);
			if (isUnreachable(error) && !isClosed) {
				onUnreachable?.();
			}

			if (!isClosed) {
				retryLater();
			}
		}
	};

	let latest = await open();
	current = latest;

	return {
		get current() {
			return current;
		},
		get latest() {
			return latest;
		},
		async close() {
			isClosed = true;
			clearTimeout(timer);
			await current?.close();
		},
	};
};
