import {isPlainName} from './quoted-name.js';
import type {VisibleSegment} from './visible.js';
import {visibleSegments} from './visible.js';
import {wrapPieces} from './wrap-text.js';

/** What a stretch of a frame means; `selected` is drawn in inverse. Never the only sign of anything. */
export type FrameTone = 'plain' | 'quiet' | 'strong' | 'waiting' | 'failed' | 'good' | 'selected';

export type FrameSpan = {readonly text: string; readonly tone: FrameTone};

/** One line of a frame, safe to draw as it is: nothing in it moves the cursor or hides. */
export type FrameLine = readonly FrameSpan[];

/** The characters that make a frame. An agent may write them too, but never in the columns where the frame has them. */
export type FrameMarks = {
	/** In front of every line of the asker's own words. */
	readonly quote: string;
	/** In front of an argument, and of what its line had no room for. */
	readonly item: string;
	readonly more: string;
	/** Between a session and the one below it. */
	readonly below: string;
	readonly level: Readonly<Record<'low' | 'medium' | 'high', string>>;
};

export const unicodeMarks: FrameMarks = {quote: '┃', item: '│', more: '┆', below: '›', level: {low: '■□□', medium: '■■□', high: '■■■'}};

/** The same for a terminal that only has ASCII. */
export const asciiMarks: FrameMarks = {quote: '#', item: '|', more: ':', below: '>', level: {low: '*--', medium: '**-', high: '***'}};

/** The tone of each level of risk; a symbol and a word say the same. */
export const levelTones = {low: 'good', medium: 'waiting', high: 'failed'} as const satisfies Record<string, FrameTone>;

export const span = (text: string, tone: FrameTone = 'plain'): FrameSpan => ({text, tone});

/** What a line says, without how it is drawn. */
export const lineText = (line: FrameLine): string => line.map(({text}) => text).join('');

/** Text of an agent in one tone; whatever had to be spelt out stands in inverse. */
export const foreign = (text: string, tone: FrameTone = 'plain'): FrameLine =>
	visibleSegments(text).map(({text: shown, kind}: VisibleSegment) => span(shown, kind === 'plain' ? tone : 'selected'));

/** A name that an agent chose: in quotation marks unless it is one plain word, and never able to close them itself. */
export const foreignName = (name: string, tone: FrameTone = 'plain'): FrameLine => {
	if (isPlainName(name)) {
		return [span(name, tone)];
	}

	const inside = name.split(/([“”])/).flatMap(part => {
		const isQuote = part === '“' || part === '”';
		return isQuote ? [span(part === '“' ? '\\u{201C}' : '\\u{201D}', 'selected')] : foreign(part, tone);
	});
	return [span('“', tone), ...inside, span('”', tone)];
};

/** Breaks a line into lines of at most `columns`; see `wrapPieces`. */
export const wrapLine = (line: FrameLine, columns: number, {words}: {readonly words: boolean}): readonly FrameLine[] =>
	wrapPieces(line, Math.max(1, columns), {words});
