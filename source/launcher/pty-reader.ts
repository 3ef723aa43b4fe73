import tty from 'node:tty';

/** Reads a pty's master to its very end. */
export type PtyReader = {
	readonly isClosed: boolean;
	/** Stops reading, which in the end stops the child's writing. Has no effect once the child is gone. */
	pause(): void;
	resume(): void;
	/** From now on nothing but what is still unread will come: reads it, then closes. */
	childExited(): void;
};

/** How often a pty that outlived its child (a descendant still holds it) is looked at, and for how long in all. */
const quietMs = 40;
const longestDrainMs = 3000;

/** Owns `fd`. `onOutput` gets every byte as it was written; `onClosed` comes once, after the last of them. */
export const createPtyReader = ({
	fd,
	onOutput,
	onClosed,
}: {
	readonly fd: number;
	readonly onOutput: (chunk: Buffer) => void;
	readonly onClosed: () => void;
}): PtyReader => {
	const socket = new tty.ReadStream(fd);
	let hasChildExited = false;
	let bytesRead = 0;

	socket.on('data', (chunk: Buffer) => {
		bytesRead += chunk.length;
		onOutput(chunk);
	});
	// EIO is how Linux says that nobody holds the other side any more; 'close' follows.
	socket.on('error', () => {});
	socket.on('close', onClosed);

	const closeWhenQuiet = (waitedMs: number) => {
		const bytesBefore = bytesRead;
		setTimeout(() => {
			// By the immediate the loop has polled once more; a timer alone, when late, would say nothing about unread output.
			setImmediate(() => {
				const isQuiet = bytesRead === bytesBefore;
				if (isQuiet || waitedMs >= longestDrainMs) {
					socket.destroy();
				} else if (!socket.destroyed) {
					closeWhenQuiet(waitedMs + quietMs);
				}
			});
		}, quietMs);
	};

	return {
		get isClosed() {
			return socket.destroyed;
		},
		pause() {
			if (!hasChildExited) {
				socket.pause();
			}
		},
		resume() {
			socket.resume();
		},
		childExited() {
			hasChildExited = true;
			if (!socket.destroyed) {
				socket.resume();
				closeWhenQuiet(0);
			}
		},
	};
};
