import {sizeOf} from './terminal-streams.js';

/** The smallest terminal the console can be read in. */
export const leastSize = {columns: 20, rows: 5} as const;

export type TtyCheckInput = {
	readonly stdin: {readonly isTTY?: boolean};
	readonly stdout: {readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number};
	readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * Why this terminal cannot show the console, in one sentence; `undefined` when it can. Nothing else counts: a `CI` variable, say, tells
 * nothing about who is looking.
 */
export const whyNoConsole = ({stdin, stdout, env}: TtyCheckInput): string | undefined => {
	if (!stdout.isTTY) {
		return 'The output is not a terminal, so there is nothing to show the console on.';
	}

	if (!stdin.isTTY) {
		return 'The input is not a terminal, so no key could be pressed.';
	}

	if (env['TERM'] === 'dumb') {
		return 'The terminal says it can do nothing (TERM=dumb), and the console needs to move the cursor.';
	}

	const {columns, rows} = sizeOf(stdout);
	return columns < leastSize.columns || rows < leastSize.rows
		? `The terminal has ${columns}×${rows} cells, and the console needs at least ${leastSize.columns}×${leastSize.rows}.`
		: undefined;
};
