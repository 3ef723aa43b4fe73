import type {PromptKeys, ScreenRule, ScreenRules, TitleRule} from './schema.js';

/** Longer lines are looked at up to here. */
export const longestLine = 500;

/** A question as it stands on the screen, and the keys that answer it. */
export type FoundPrompt = {readonly text: string; readonly lines: readonly string[]; readonly rule: ScreenRule};

export type ScreenReading = {readonly rule: ScreenRule; readonly prompt?: FoundPrompt};

/** Reads titles and screens of one agent. Remembers lines, so that a screen of which little changes costs little. */
export type ScreenReader = {
	/** The most rows that any rule looks at. */
	readonly region: number;
	/** What the title tells, if anything. */
	title(title: string): TitleRule | undefined;
	/** The first rule that matches; `lines` end with the lowest row that shows anything. */
	screen(lines: readonly string[]): ScreenReading | undefined;
	/** The keys of this name, or a sentence why they are not to be pressed on this prompt. */
	keys(prompt: FoundPrompt, name: string): {readonly send: string} | {readonly why: string};
};

const mostRemembered = 400;
/** A rule that takes this long once is not asked again: the patterns are bounded, but not all that they could meet. */
const longestMs = 50;

/** What counts as the bottom of a screen: footers and status lines included. */
const bottomRows = 6;

const nothing: ReadonlySet<string> = new Set();

/** Which of the patterns match a line. */
const createLineTester = (patterns: readonly string[], onSlow: (pattern: string) => void) => {
	const tests = new Map([...new Set(patterns)].map(pattern => [pattern, new RegExp(pattern, 'u')]));
	const remembered = new Map<string, ReadonlySet<string>>();

	const testAll = (line: string): ReadonlySet<string> => {
		const cut = line.slice(0, longestLine);
		const hits = new Set<string>();
		for (const [pattern, test] of tests) {
			const startedMs = performance.now();
			if (test.test(cut)) {
				hits.add(pattern);
			}

			if (performance.now() - startedMs > longestMs) {
				tests.delete(pattern);
				onSlow(pattern);
			}
		}

		return hits.size === 0 ? nothing : hits;
	};

	return (line: string): ReadonlySet<string> => {
		const known = remembered.get(line);
		if (known !== undefined) {
			return known;
		}

		if (remembered.size >= mostRemembered) {
			remembered.clear();
		}

		const hits = testAll(line);
		remembered.set(line, hits);
		return hits;
	};
};

type LineTester = ReturnType<typeof createLineTester>;

const patternsOf = ({all, none, bottom, prompt}: ScreenRule): readonly string[] => [
	...all,
	...none,
	...bottom,
	...(prompt ? [prompt.from, prompt.to, ...Object.values(prompt.keys).flatMap(({requires}) => requires ?? [])] : []),
];

/** From the first line that begins a prompt to the last that ends one: of two readings the one that shows more. */
const findPrompt = (rule: ScreenRule, lines: readonly string[], hitsOf: LineTester): FoundPrompt | undefined => {
	if (!rule.prompt) {
		return undefined;
	}

	const {from, to} = rule.prompt;
	const first = lines.findIndex(line => hitsOf(line).has(from));
	const last = lines.findLastIndex(line => hitsOf(line).has(to));
	if (first === -1 || last < first) {
		return undefined;
	}

	const region = lines.slice(first, last + 1);
	return {text: region.join('\n'), lines: region, rule};
};

const read = (rule: ScreenRule, screen: readonly string[], hitsOf: LineTester): ScreenReading | undefined => {
	const lines = screen.slice(-rule.region);
	const isSeenIn = (rows: readonly string[], pattern: string): boolean => rows.some(line => hitsOf(line).has(pattern));
	const isSeen = (pattern: string): boolean => isSeenIn(lines, pattern);
	const isAtBottom = (pattern: string): boolean => isSeenIn(lines.slice(-bottomRows), pattern);
	if (!rule.all.every(isSeen) || !rule.bottom.every(isAtBottom) || rule.none.some(isSeen)) {
		return undefined;
	}

	const prompt = findPrompt(rule, lines, hitsOf);
	return {rule, ...(prompt && {prompt})};
};

/** `onSlow` hears of a pattern that is not used any more because it took too long. */
export const createScreenReader = (
	{titles, rules}: Pick<ScreenRules, 'titles' | 'rules'>,
	onSlow: (pattern: string) => void = () => {},
): ScreenReader => {
	const titleHits = createLineTester(
		titles.map(({pattern}) => pattern),
		onSlow,
	);
	const lineHits = createLineTester(rules.flatMap(patternsOf), onSlow);
	const keysOf = (rule: ScreenRule, name: string): PromptKeys | undefined => {
		const named = rule.prompt?.keys ?? {};
		return Object.hasOwn(named, name) ? named[name] : undefined;
	};

	return {
		region: Math.max(0, ...rules.map(({region}) => region)),
		title: text => titles.find(({pattern}) => titleHits(text).has(pattern)),
		screen(lines) {
			for (const rule of rules) {
				const reading = read(rule, lines, lineHits);
				if (reading) {
					return reading;
				}
			}

			return undefined;
		},
		keys({rule, lines}, name) {
			const keys = keysOf(rule, name);
			if (!keys) {
				return {why: `the rule "${rule.name}" has no keys for ${JSON.stringify(name)}`};
			}

			const {send, requires} = keys;
			const isThere = requires === undefined || lines.some(line => lineHits(line).has(requires));
			return isThere ? {send} : {why: `the prompt does not offer ${JSON.stringify(name)} where the rule "${rule.name}" expects it`};
		},
	};
};
