import type {AttachEvents, Attachment} from '../launcher-port.js';
import type {Screen} from './screen.js';
import {createThrottle} from './throttle.js';
import {createViewer, type Viewer} from './viewer.js';

type Size = {readonly columns: number; readonly rows: number};

/** Everybody attached to one pty. The newest of them decides its size; when the last one leaves, the size stays. */
export type Viewers = {
	readonly count: number;
	attach(size: Size, events: AttachEvents, input: (bytes: Uint8Array) => void): Attachment;
	push(chunk: Uint8Array): void;
	/** The process has gone. */
	end(): void;
};

/** A terminal being dragged tells a new size many times a second; each would redraw the agent. */
const resizeIntervalMs = 40;

/** `resize` is called when the pty shall take another size, and returns whether it did. `onCount` hears when somebody comes or goes. */
export const createViewers = ({
	screen,
	resize,
	onCount,
}: {
	readonly screen: Screen;
	readonly resize: (size: Size) => boolean;
	readonly onCount: () => void;
}): Viewers => {
	const sizes = new Map<Viewer, Size>();

	const takeSize = () => {
		const driver = [...sizes.values()].at(-1);
		if (driver && resize(driver)) {
			for (const viewer of sizes.keys()) {
				viewer.repaint();
			}
		}
	};

	const resizing = createThrottle({intervalMs: resizeIntervalMs, action: takeSize});

	const leave = (viewer: Viewer) => {
		viewer.close();
		if (sizes.delete(viewer)) {
			onCount();
			resizing.poke();
		}
	};

	return {
		get count() {
			return sizes.size;
		},
		attach(size, events, input) {
			const viewer = createViewer({screen, events});
			sizes.set(viewer, size);
			onCount();
			takeSize();
			viewer.repaint();
			return {
				input,
				resize(columns, rows) {
					if (sizes.has(viewer)) {
						sizes.set(viewer, {columns, rows});
						resizing.poke();
					}
				},
				repaint: viewer.repaint,
				close: () => leave(viewer),
			};
		},
		push(chunk) {
			for (const viewer of sizes.keys()) {
				viewer.push(chunk);
			}
		},
		end() {
			resizing.cancel();
			for (const viewer of sizes.keys()) {
				viewer.end();
			}

			sizes.clear();
			onCount();
		},
	};
};
