/** Whether a text matches a pattern in which `*` stands for any text and `?` for any one character. Linear: no pattern can be slow. */
export const matchesGlob = (pattern: string, text: string): boolean => {
	let at = 0;
	let inText = 0;
	let star = -1;
	let afterStar = 0;
	while (inText < text.length) {
		if (pattern[at] === '*') {
			star = at;
			afterStar = inText;
			at += 1;
		} else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
			at += 1;
			inText += 1;
		} else if (star === -1) {
			return false;
		} else {
			at = star + 1;
			afterStar += 1;
			inText = afterStar;
		}
	}

	while (pattern[at] === '*') {
		at += 1;
	}

	return at === pattern.length;
};
