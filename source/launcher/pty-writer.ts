import {writeSync} from 'node:fs';
import {systemErrorCode} from '../errors.js';

/** Writes to a pty's master in order, at once where the kernel takes it, and without ever blocking or spinning. */
export type PtyWriter = {
	/** The caller may use its buffer again at once. */
	write(bytes: Uint8Array): void;
	/** Tries again now: the agent seems to have read something. */
	nudge(): void;
	/** Resolves once everything written so far has been taken, or will never be. */
	flushed(): Promise<void>;
	/** Drops what is queued: nobody will read it. */
	close(): void;
};

/** An agent that reads nothing gets no more than this queued; what exceeds it is dropped. */
const longestQueueBytes = 16 * 1024 * 1024;
const firstRetryMs = 1;
const longestRetryMs = 32;

/** Offers bytes to the kernel. Says how many it took: none when it is full, all of them when nobody can read them any more. */
const offer = (fd: number, bytes: Uint8Array): number => {
	try {
		return writeSync(fd, bytes);
	} catch (error) {
		return systemErrorCode(error) === 'EAGAIN' ? 0 : bytes.length;
	}
};

/** `fd` must be non-blocking; nothing is written once `isOpen` says no, for the number may be another file's by then. */
export const createPtyWriter = ({fd, isOpen}: {readonly fd: number; readonly isOpen: () => boolean}): PtyWriter => {
	let queue: Uint8Array = new Uint8Array(0);
	let waiters: ReadonlyArray<() => void> = [];
	let retryMs = firstRetryMs;
	let timer: NodeJS.Timeout | undefined;

	const drain = (): void => {
		clearTimeout(timer);
		const taken = isOpen() ? offer(fd, queue) : queue.length;
		queue = queue.subarray(taken);
		if (queue.length > 0) {
			retryMs = taken > 0 ? firstRetryMs : Math.min(retryMs * 2, longestRetryMs);
			timer = setTimeout(drain, retryMs);
			return;
		}

		for (const resolve of waiters) {
			resolve();
		}

		waiters = [];
	};

	return {
		write(bytes) {
			if (queue.length > 0) {
				queue = queue.length + bytes.length > longestQueueBytes ? queue : Buffer.concat([queue, bytes]);
				return;
			}

			const taken = isOpen() ? offer(fd, bytes) : bytes.length;
			if (taken < bytes.length) {
				queue = Uint8Array.from(bytes.subarray(taken));
				timer = setTimeout(drain, firstRetryMs);
			}
		},
		nudge() {
			if (queue.length > 0) {
				drain();
			}
		},
		async flushed() {
			if (queue.length > 0) {
				await new Promise<void>(resolve => {
					waiters = [...waiters, resolve];
				});
			}
		},
		close() {
			queue = queue.subarray(queue.length);
			drain();
		},
	};
};
