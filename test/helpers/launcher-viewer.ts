import xterm from '@xterm/headless';
import {expect, vi} from 'vitest';
import type {AttachEvents} from '../../source/launcher-port.js';

/** An operator's terminal that is attached to a pty: a real emulator fed with what a viewer gets. */
export const createTestViewer = ({columns = 80, rows = 24}: {readonly columns?: number; readonly rows?: number} = {}) => {
	let terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	const received: Buffer[] = [];
	let repaints = 0;
	let hasEnded = false;

	const lines = () =>
		Array.from(
			{length: terminal.rows},
			(_, y) => terminal.buffer.active.getLine(terminal.buffer.active.viewportY + y)?.translateToString(true) ?? '',
		);

	const events: AttachEvents = {
		onRepaint(bytes) {
			repaints += 1;
			// A picture is for a terminal in its reset state.
			terminal = new xterm.Terminal({cols: terminal.cols, rows: terminal.rows, allowProposedApi: true});
			terminal.write(bytes);
		},
		onOutput(bytes) {
			received.push(Buffer.from(bytes));
			terminal.write(bytes);
		},
		onEnd() {
			hasEnded = true;
		},
	};

	return {
		events,
		size: {columns, rows},
		lines,
		repaints: () => repaints,
		hasEnded: () => hasEnded,
		/** Every byte that came as output. */
		received: () => Buffer.concat(received),
		resize(nextColumns: number, nextRows: number) {
			terminal.resize(nextColumns, nextRows);
		},
		/** Resolves once the terminal shows the text. */
		see: async (shown: string | RegExp) => vi.waitFor(() => expect(lines().join('\n')).toMatch(shown), {timeout: 40_000, interval: 10}),
	};
};
