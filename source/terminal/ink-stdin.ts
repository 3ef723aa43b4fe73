import {PassThrough} from 'node:stream';

/** A stdin for Ink on which nothing ever arrives: the console's keys come from the input router, whole and with their circumstances. */
export type InkStdin = PassThrough & {readonly isTTY: true; setRawMode(isRaw: boolean): InkStdin; ref(): InkStdin; unref(): InkStdin};

/** Looks like a terminal to Ink and does nothing: raw mode is the operator terminal's business alone. */
export const createInkStdin = (): InkStdin => {
	const stdin: InkStdin = Object.assign(new PassThrough(), {
		isTTY: true as const,
		setRawMode: () => stdin,
		ref: () => stdin,
		unref: () => stdin,
	});
	return stdin;
};
