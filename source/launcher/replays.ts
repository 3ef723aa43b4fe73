import type {Screen} from './screen.js';

/** Screens drawn again from recordings. A few are kept, for whoever looks at one mostly looks again. */
export type Replays = {
	/** Draws a recording, or finds it drawn. `undefined` when there is none. Every screen borrowed must be given back. */
	borrow(recordingPath: string): Promise<Screen | undefined>;
	giveBack(recordingPath: string): void;
	dispose(): void;
};

type Replayed = {readonly screen: Promise<Screen | undefined>; borrowers: number};

/** `most` is how many screens stay that nobody has borrowed. */
export const createReplays = ({
	replay,
	most = 4,
}: {
	readonly replay: (recordingPath: string) => Promise<Screen | undefined>;
	readonly most?: number;
}): Replays => {
	// In the order of use: the first is the one that was not asked for longest.
	const kept = new Map<string, Replayed>();

	const drop = (recordingPath: string, {screen}: Replayed) => {
		kept.delete(recordingPath);
		void screen.then(one => one?.dispose());
	};

	const dropIdle = () => {
		const idle = [...kept].filter(([, {borrowers}]) => borrowers === 0);
		for (const [recordingPath, replayed] of idle.slice(0, Math.max(0, idle.length - most))) {
			drop(recordingPath, replayed);
		}
	};

	const draw = (recordingPath: string): Replayed => {
		const screen = replay(recordingPath).catch(() => undefined);
		const replayed = {screen, borrowers: 0};
		void screen.then(one => {
			// What is not there now may be there the next time.
			if (!one && kept.get(recordingPath) === replayed) {
				kept.delete(recordingPath);
			}
		});
		return replayed;
	};

	return {
		async borrow(recordingPath) {
			const replayed = kept.get(recordingPath) ?? draw(recordingPath);
			kept.delete(recordingPath);
			kept.set(recordingPath, replayed);
			replayed.borrowers += 1;
			return replayed.screen;
		},
		giveBack(recordingPath) {
			const replayed = kept.get(recordingPath);
			if (replayed && replayed.borrowers > 0) {
				replayed.borrowers -= 1;
				dropIdle();
			}
		},
		dispose() {
			for (const [recordingPath, replayed] of kept) {
				drop(recordingPath, replayed);
			}
		},
	};
};
