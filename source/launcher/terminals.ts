import {ExpectedError} from '../errors.js';
import type {Terminal} from './terminal.js';

/** Every pty the launcher has: the living ones, and the last ended ones with their screens. */
export type Terminals = {
	readonly liveCount: number;
	add(terminal: Terminal): void;
	get(ptyId: string): Terminal | undefined;
	/** The pty with this name, if its process lives. Throws an `ExpectedError` otherwise; `doing` begins its sentence. */
	live(ptyId: string, doing: string): Terminal;
	all(): readonly Terminal[];
	/** This one has ended; the one that ended longest ago may have to go for it. */
	ended(ptyId: string): void;
	/** Frees an ended one. */
	forget(ptyId: string): void;
	/** Resolves when none lives any more. */
	untilAllEnded(): Promise<void>;
};

/** `onMoved` hears of a pty whose screen is newly here, or gone. `mostEnded` is how many keep their screen after their end. */
export const createTerminals = ({
	onMoved,
	mostEnded = 50,
}: {
	readonly onMoved: (ptyId: string) => void;
	readonly mostEnded?: number;
}): Terminals => {
	const terminals = new Map<string, Terminal>();
	const endedIds = new Set<string>();
	let waiters: ReadonlyArray<() => void> = [];

	const forget = (ptyId: string) => {
		const terminal = terminals.get(ptyId);
		if (terminal && endedIds.delete(ptyId)) {
			terminals.delete(ptyId);
			// Watchers leave the screen before it is freed.
			onMoved(ptyId);
			terminal.dispose();
		}
	};

	return {
		get liveCount() {
			return terminals.size - endedIds.size;
		},
		add(terminal) {
			terminals.set(terminal.info.ptyId, terminal);
			onMoved(terminal.info.ptyId);
		},
		get: ptyId => terminals.get(ptyId),
		live(ptyId, doing) {
			const terminal = terminals.get(ptyId);
			if (!terminal?.isLive) {
				throw new ExpectedError(`Could not ${doing} ${ptyId}: ${terminal ? 'its process has ended' : 'the launcher has no such pty'}.`);
			}

			return terminal;
		},
		all: () => [...terminals.values()],
		ended(ptyId) {
			endedIds.add(ptyId);
			const [oldest] = endedIds;
			if (endedIds.size > mostEnded && oldest !== undefined) {
				forget(oldest);
			}

			if (terminals.size === endedIds.size) {
				for (const resolve of waiters) {
					resolve();
				}

				waiters = [];
			}
		},
		forget,
		async untilAllEnded() {
			if (terminals.size > endedIds.size) {
				await new Promise<void>(resolve => {
					waiters = [...waiters, resolve];
				});
			}
		},
	};
};
