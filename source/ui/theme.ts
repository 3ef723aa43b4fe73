import type {TextProps} from 'ink';
import {createContext, useContext} from 'react';

/** What a piece of text means. A tone only underlines what a word or a glyph says already: nothing is told by colour alone. */
export type Tone = 'plain' | 'quiet' | 'strong' | 'waiting' | 'failed' | 'working' | 'good' | 'selected';

/** How a tone is drawn: properties of Ink's `<Text>`. */
export type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse'>;

/** Every character that is not a letter; each is one column wide. */
export type Glyphs = {
	readonly horizontal: string;
	readonly vertical: string;
	/** Where the rule above or below meets the vertical line. */
	readonly teeDown: string;
	readonly teeUp: string;
	/** Corners of a box: top left, top right, bottom left, bottom right. */
	readonly corners: readonly [string, string, string, string];
	/** Indent guides of a tree, two columns each. */
	readonly branch: string;
	readonly lastBranch: string;
	readonly trunk: string;
	/** Marks the row under the cursor. */
	readonly cursor: string;
	readonly folded: string;
	readonly separator: string;
	readonly ellipsis: string;
	readonly newline: string;
	readonly waiting: string;
	readonly failed: string;
	readonly working: string;
	readonly finished: string;
	readonly queued: string;
	readonly idle: string;
	readonly stopped: string;
	readonly stuck: string;
};

export type Theme = {
	readonly glyphs: Glyphs;
	/** Whether only ASCII may be drawn. */
	readonly isAscii: boolean;
	style(tone: Tone): Style;
};

const unicode: Glyphs = {
	horizontal: '─',
	vertical: '│',
	teeDown: '┬',
	teeUp: '┴',
	corners: ['╭', '╮', '╰', '╯'],
	branch: '├ ',
	lastBranch: '└ ',
	trunk: '│ ',
	cursor: '›',
	folded: '+',
	separator: '·',
	ellipsis: '…',
	newline: '↵',
	waiting: '!',
	failed: '✗',
	working: '●',
	finished: '✓',
	queued: '○',
	idle: '·',
	stopped: '■',
	stuck: '?',
};

const ascii: Glyphs = {
	horizontal: '-',
	vertical: '|',
	teeDown: '+',
	teeUp: '+',
	corners: ['+', '+', '+', '+'],
	branch: '|-',
	lastBranch: '`-',
	trunk: '| ',
	cursor: '>',
	folded: '+',
	separator: '-',
	ellipsis: '~',
	newline: '$',
	waiting: '!',
	failed: 'x',
	working: '*',
	finished: '=',
	queued: 'o',
	idle: '.',
	stopped: '#',
	stuck: '?',
};

const coloured: Readonly<Record<Tone, Style>> = {
	plain: {},
	quiet: {dimColor: true},
	strong: {bold: true},
	waiting: {color: 'yellow', bold: true},
	failed: {color: 'red'},
	working: {color: 'green'},
	good: {color: 'cyan'},
	selected: {inverse: true},
};

const uncoloured: Readonly<Record<Tone, Style>> = {
	plain: {},
	quiet: {},
	strong: {bold: true},
	waiting: {bold: true},
	failed: {bold: true},
	working: {},
	good: {},
	selected: {inverse: true},
};

const isUtf8 = (env: NodeJS.ProcessEnv): boolean => /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');

/** The theme for an environment: `NO_COLOR` (not empty) takes the colours away, a locale that is not UTF-8 the line drawing. */
export const createTheme = (env: NodeJS.ProcessEnv): Theme => {
	const isAscii = !isUtf8(env);
	const styles = env['NO_COLOR'] ? uncoloured : coloured;
	return {isAscii, glyphs: isAscii ? ascii : unicode, style: tone => styles[tone]};
};

/** The theme of the console around a component. */
export const ThemeContext = createContext<Theme>(createTheme({LANG: 'C.UTF-8'}));

export const useTheme = (): Theme => useContext(ThemeContext);
