import type {AttachEvents, Attachment} from '../launcher-port.js';
import {createFlow} from './flow.js';
import type {Pty} from './open-pty.js';
import type {Screen} from './screen.js';
import {createViewers} from './viewers.js';

type Size = {readonly columns: number; readonly rows: number};

/** Who looks at one pty, and what that means for how eagerly it is read and parsed. */
export type Audience = {
	/** A chunk was read: viewers get it, and reading pauses if that was too much. */
	push(chunk: Uint8Array): void;
	attach(size: Size, events: AttachEvents): Attachment;
	/** Somebody watches the screen until the returned function is called. */
	look(): () => void;
	/** The process has gone. */
	end(): void;
};

export const createAudience = ({
	pty,
	screen,
	resize,
}: {
	readonly pty: Pty;
	readonly screen: Screen;
	/** Gives pty and screen another size; returns whether that changed anything. */
	readonly resize: (size: Size) => boolean;
}): Audience => {
	let lookers = 0;
	const flow = createFlow({pause: pty.pause, resume: pty.resume, pendingBytes: () => screen.pendingBytes});
	screen.onParsed(flow.parsed);

	const update = () => {
		// Viewers get raw bytes: only frames need the screen parsed at once.
		screen.setWatched(lookers > 0);
		flow.setWatched(lookers + viewers.count > 0);
	};

	const viewers = createViewers({screen, resize, onCount: update});

	return {
		push(chunk) {
			viewers.push(chunk);
			flow.took(chunk.length);
		},
		attach: (size, events) => viewers.attach(size, events, pty.write),
		look() {
			lookers += 1;
			update();
			let isLooking = true;
			return () => {
				if (isLooking) {
					isLooking = false;
					lookers -= 1;
					update();
				}
			};
		},
		end() {
			flow.end();
			viewers.end();
		},
	};
};
