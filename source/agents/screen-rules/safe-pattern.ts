/** Longer patterns are refused. */
const longestPattern = 300;
/** Each `*`, `+` or `{n,}` multiplies the worst case by the length of a line. */
const mostUnbounded = 2;

type Group = {hasChoice: boolean};

const isUnbounded = (quantifier: string): boolean => quantifier[0] === '*' || quantifier[0] === '+' || /^\{\d+,\}$/.test(quantifier);
const mayRepeat = (quantifier: string): boolean => quantifier !== '' && quantifier !== '?' && quantifier !== '{1}';

const quantifierAt = (pattern: string, at: number): string => /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(pattern.slice(at))?.[0] ?? '';

/** Where a character class that begins at `at` ends. */
const endOfClass = (pattern: string, at: number): number => {
	let end = at + 1;
	while (end < pattern.length && pattern[end] !== ']') {
		end += pattern[end] === '\\' ? 2 : 1;
	}

	return end;
};

/** Finds what could make matching explode: a repeated group that repeats or chooses inside, and too many endless repeats. */
const findExplosion = (pattern: string): string | undefined => {
	const groups: Group[] = [{hasChoice: false}];
	let unbounded = 0;
	for (let at = 0; at < pattern.length; at++) {
		const character = pattern[at]!;
		const quantifier = quantifierAt(pattern, at);
		if (character === '\\') {
			at++;
		} else if (character === '[') {
			at = endOfClass(pattern, at);
		} else if (character === '(') {
			groups.push({hasChoice: false});
		} else if (character === '|') {
			groups.at(-1)!.hasChoice = true;
		} else if (character === ')') {
			const group = groups.pop();
			if (group?.hasChoice && mayRepeat(quantifierAt(pattern, at + 1))) {
				return 'it repeats a group that itself repeats or chooses';
			}

			const outer = groups.at(-1);
			if (outer) {
				outer.hasChoice ||= group?.hasChoice ?? false;
			}
		} else if (quantifier !== '' && character === quantifier[0] && pattern[at - 1] !== '(') {
			groups.at(-1)!.hasChoice = true;
			unbounded += isUnbounded(quantifier) ? 1 : 0;
			at += quantifier.length - 1;
		}
	}

	return unbounded > mostUnbounded ? `it has more than ${mostUnbounded} of *, + and {n,}` : undefined;
};

/**
 * Why a pattern is not let near a screen, or undefined when it may be used. Agents decide what stands on a screen: a pattern whose
 * matching can take exponential time would let one stop all the others.
 */
export const whyUnsafePattern = (pattern: string): string | undefined => {
	if (pattern.length === 0 || pattern.length > longestPattern) {
		return `it must have 1 to ${longestPattern} characters`;
	}

	try {
		new RegExp(pattern, 'u');
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}

	const hasReference = /(?:^|[^\\])(?:\\\\)*\\(?:[1-9]|k<)/.test(pattern);
	return hasReference ? 'it refers back to a group' : findExplosion(pattern);
};
