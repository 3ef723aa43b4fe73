import type {AttachEvents} from '../launcher-port.js';
import {createAttachFilter} from './attach-filter.js';
import type {Screen} from './screen.js';

/** One attached operator: gets the agent's bytes as they come, and whole pictures where bytes alone would not do. */
export type Viewer = {
	/** Takes output. The screen may take it before or after, but in the same turn of the event loop. */
	push(chunk: Uint8Array): void;
	/** Draws anew as soon as the screen has parsed what it has. Asking again meanwhile changes nothing. */
	repaint(): void;
	/** The process has gone. Nothing is sent any more. */
	end(): void;
	/** The viewer has gone. Nothing is sent any more. */
	close(): void;
};

/** Sends nothing before the first `repaint`. */
export const createViewer = ({screen, events}: {readonly screen: Screen; readonly events: AttachEvents}): Viewer => {
	let filter = createAttachFilter();
	/** Bytes that come before the picture is drawn are in it already. */
	let isLive = false;
	let isWaiting = false;
	let isClosed = false;

	const draw = () => {
		isWaiting = false;
		if (isClosed) {
			return;
		}

		events.onRepaint(screen.snapshot());
		isLive = true;
		filter = createAttachFilter();
		send(screen.unfinished);
	};

	const repaint = () => {
		isLive = false;
		if (!isWaiting && !isClosed) {
			isWaiting = true;
			void screen.parsed().then(draw);
		}
	};

	const send = (chunk: Uint8Array) => {
		const {out, needsRepaint} = filter.push(chunk);
		if (out.length > 0) {
			events.onOutput(out);
		}

		if (needsRepaint) {
			repaint();
		}
	};

	return {
		push(chunk) {
			if (isLive) {
				send(chunk);
			}
		},
		repaint,
		end() {
			if (!isClosed) {
				// Whoever leaves before the first picture would never have seen the last words.
				if (!isLive) {
					draw();
				}

				isClosed = true;
				events.onEnd();
			}
		},
		close() {
			isClosed = true;
		},
	};
};
