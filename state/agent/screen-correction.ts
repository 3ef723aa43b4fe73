import type {AgentActivity} from './agent-status.js';

/** What the operator may say an agent really does. */
export const correctableActivities = ['working', 'blocked', 'idle', 'error'] as const satisfies readonly AgentActivity[];

export type CorrectedActivity = (typeof correctableActivities)[number];

/** A line of a screen, and how many rows that show something stand below it. Untrusted text. */
export type SeenLine = {readonly text: string; readonly fromBottom: number};

/** A rule in the making: whenever these lines stand on the screen (or this title is set), the agent does this. */
export type StatusCorrection = {
	/** Name of the agent's adapter: the rule holds for every agent of that kind. */
	readonly adapter: string;
	readonly activity: CorrectedActivity;
	readonly from: 'screen' | 'title';
	/** The lines that must be there, lowest first; or the title. */
	readonly lines: readonly SeenLine[];
	/** All that was on the screen: the proof kept beside the rule. */
	readonly screen: readonly string[];
};

/** So many lines at the bottom are offered to choose from. */
const offered = 8;

const isFilled = (line: string): boolean => line.trim() !== '';

/** The lowest lines that show anything, the lowest first. */
export const bottomLines = (screen: readonly string[]): readonly SeenLine[] => {
	const last = screen.findLastIndex(isFilled);
	return screen
		.slice(0, last + 1)
		.map((text, row) => ({text: text.trimEnd(), fromBottom: last - row}))
		.filter(({text}) => isFilled(text))
		.toReversed()
		.slice(0, offered);
};

/** Whether a line says something of its own: words, not frames, figures or a bare prompt. */
const isTelling = (text: string): boolean => (text.match(/\p{L}{2,}/gu) ?? []).length >= 2;

const markedAtFirst = 2;

const longestPattern = 280;
/** What turns while an agent works: it stands for any of its kind. */
const spinner = /^[·✢✳✶✻✽✺✹✸✷✦✧]$/u;
const braille = /^[\u2800-\u28FF]$/u;

const escaped = (character: string): string => character.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);

const piecePattern = (piece: string): string => {
	if (/^\s/.test(piece)) {
		return piece === ' ' ? ' ' : String.raw`\s{1,300}`;
	}

	if (/^\d/.test(piece)) {
		return String.raw`\d{1,12}`;
	}

	return braille.test(piece) ? '[⠀-⣿]' : spinner.test(piece) ? '[·✢✳✶✻✽✺✹✸✷✦✧]' : escaped(piece);
};

/** A pattern for a line as it will stand there again: figures, gaps and spinners may differ, everything else is taken as it is. */
export const patternOf = (line: string): string => {
	const pieces = line.trim().match(/\s+|\d+|[^\s\d]/gu) ?? [];
	let pattern = '^ *';
	for (const piece of pieces) {
		const next = piecePattern(piece);
		if (pattern.length + next.length > longestPattern) {
			return pattern;
		}

		pattern += next;
	}

	return `${pattern} *$`;
};

/** Which of the offered lines tell the most: the lowest that have words, each saying something else; else the lowest. By their place in the list. */
export const tellingLines = (lines: readonly SeenLine[]): readonly number[] => {
	const patterns = lines.map(({text}) => patternOf(text));
	const telling = [...lines.keys()]
		.filter(index => isTelling(lines[index]!.text) && patterns.indexOf(patterns[index]!) === index)
		.slice(0, markedAtFirst);
	return telling.length > 0 || lines.length === 0 ? telling : [0];
};

/** The title in what was seen of a status that came from one. */
export const titleInEvidence = (evidence: string): string | undefined => {
	const [, title] = /^its title is "(.*)"$/su.exec(evidence) ?? [];
	return title?.replaceAll(/\\(["\\])/g, '$1');
};
