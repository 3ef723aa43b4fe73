const deepest = 32;

/**
 * Why a parsed body is not taken, whatever the route: nested too deeply to be walked safely, or holding text that is not Unicode.
 * Walks without recursion, so that the answer does not depend on the stack.
 */
export const whyNotPlain = (body: unknown): string | undefined => {
	const waiting: Array<readonly [value: unknown, depth: number]> = [[body, 0]];
	for (let next = waiting.pop(); next; next = waiting.pop()) {
		const [value, depth] = next;
		if (typeof value === 'string' && !value.isWellFormed()) {
			return 'a text in it holds half a surrogate pair, which is no Unicode';
		}

		if (typeof value !== 'object' || value === null) {
			continue;
		}

		if (depth >= deepest) {
			return `it is nested more than ${deepest} levels deep`;
		}

		for (const [key, item] of Object.entries(value)) {
			waiting.push([key, depth + 1], [item, depth + 1]);
		}
	}

	return undefined;
};
