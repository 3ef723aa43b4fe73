import {type Intent, type Notice, updateView, type View} from '../../state/view/view.js';

/** What the console draws from, beside State: the view, and when to draw. */
export type ConsoleModel = {
	view(): View;
	/** Changes with everything that has to be drawn. */
	version(): number;
	subscribe(listener: () => void): () => void;
	/** Changes the view and draws at once: somebody pressed a key. */
	update(...intents: readonly Intent[]): void;
	/** Says something in the footer. */
	say(text: string, tone?: Notice['tone']): void;
	/** Draws at once. */
	draw(): void;
	/** Draws soon: something else changed. At most four times a second. */
	drawSoon(): void;
	close(): void;
};

/** The least time between two frames that nobody asked for. */
export const dataFrameMs = 250;

/**
 * Holds the view. `settle` brings it in line with State (rows, what was looked at) after every change and before every frame.
 */
export const createConsoleModel = ({
	view: first,
	settle,
	now,
}: {
	readonly view: View;
	readonly settle: (view: View) => View;
	readonly now: () => number;
}): ConsoleModel => {
	const listeners = new Set<() => void>();
	let view = settle(first);
	let version = 0;
	let lastFrameMs = Number.NEGATIVE_INFINITY;
	let timer: NodeJS.Timeout | undefined;

	const draw = (): void => {
		clearTimeout(timer);
		timer = undefined;
		lastFrameMs = performance.now();
		view = settle(view);
		version += 1;
		for (const listener of [...listeners]) {
			listener();
		}
	};

	const update = (...intents: readonly Intent[]): void => {
		view = intents.reduce(updateView, view);
		draw();
	};

	return {
		view: () => view,
		version: () => version,
		subscribe(listener) {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		update,
		say: (text, tone = 'bad') => update({type: 'notice', notice: {text, tone, atMs: now()}}),
		draw,
		drawSoon() {
			timer ??= setTimeout(draw, Math.max(0, lastFrameMs + dataFrameMs - performance.now()));
		},
		close() {
			clearTimeout(timer);
			listeners.clear();
		},
	};
};
