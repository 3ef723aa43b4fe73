import type {ScreenFrame, Viewport, Watch} from '../launcher-port.js';
import type {Screen} from './screen.js';
import {createScreenView, type ScreenView} from './screen-view.js';
import {createThrottle} from './throttle.js';

/** A screen to watch, and how to give it back. */
export type Watched = {readonly screen: Screen; release(): void};

export type WatchOptions = {
	/** Finds the screen: the live one, one drawn from a recording, or none. */
	readonly find: () => Promise<Watched | undefined>;
	/** Calls back when `find` may now find another one; returns how to stop that. */
	readonly onMoved: (listener: () => void) => () => void;
	readonly viewport: Viewport;
	readonly onFrame: (frame: ScreenFrame) => void;
	/** Says whether a frame may be drawn now. What a viewer cannot take is not drawn at all, so that nothing is lost. */
	readonly isReady: () => boolean;
};

const frameIntervalMs = 33;

/** What an unknown screen looks like. */
const emptyFrame = ({columns, rows}: Viewport): ScreenFrame => ({
	full: true,
	rows: Array.from({length: rows}, (_, y) => [y, ' '.repeat(columns)] as const),
	cursor: undefined,
	back: 0,
	historyLines: 0,
});

/** Draws a screen for a watcher whenever it has changed, at most 30 times a second, and follows it from pty to recording and back. */
export const createWatch = ({find, onMoved, viewport: firstViewport, onFrame, isReady}: WatchOptions): Watch => {
	let viewport = firstViewport;
	let watched: Watched | undefined;
	let view: ScreenView | undefined;
	let stopListening = () => {};
	let search = 0;
	/** There is nothing to watch; that is drawn once. */
	let isEmpty = false;
	let isEmptyDue = false;

	const draw = () => {
		if (!isReady()) {
			frames.poke();
			return;
		}

		if (isEmptyDue) {
			isEmptyDue = false;
			onFrame(emptyFrame(viewport));
			return;
		}

		const frame = view?.next();
		if (frame) {
			onFrame(frame);
		} else if (watched?.screen.picture.isDrawing) {
			// The view waits for the end of a synchronized update, which may never come.
			frames.poke();
		}
	};

	const frames = createThrottle({intervalMs: frameIntervalMs, action: draw});

	const letGo = () => {
		stopListening();
		view?.dispose();
		watched?.release();
		[stopListening, view, watched] = [() => {}, undefined, undefined];
	};

	const bind = async () => {
		search += 1;
		const thisSearch = search;
		letGo();
		isEmptyDue = false;
		const found = await find();
		if (thisSearch !== search) {
			found?.release();
			return;
		}

		watched = found;
		isEmpty = found === undefined;
		isEmptyDue = isEmpty;
		view = found && createScreenView(found.screen, viewport);
		stopListening = found?.screen.onParsed(frames.poke) ?? stopListening;
		frames.poke();
	};

	const stopFollowing = onMoved(() => void bind());
	void bind();

	return {
		setViewport(next) {
			viewport = next;
			isEmptyDue = isEmpty;
			view?.setViewport(next);
			frames.poke();
		},
		close() {
			search += 1;
			stopFollowing();
			frames.cancel();
			letGo();
		},
	};
};
