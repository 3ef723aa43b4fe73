/** How many letters have to be added, dropped or changed to make one word of the other. */
const distance = (a: string, b: string): number => {
	let row = Array.from({length: b.length + 1}, (_, index) => index);
	for (const [i, letter] of [...a].entries()) {
		const next = [i + 1];
		for (const [j, other] of [...b].entries()) {
			next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
		}

		row = next;
	}

	return row[b.length]!;
};

/** The known word that was probably meant; `undefined` when none is close. */
export const closest = (word: string, known: readonly string[]): string | undefined => {
	const ranked = known.map(candidate => ({candidate, away: distance(word, candidate)})).sort((a, b) => a.away - b.away);
	const [best] = ranked;
	// Two letters that changed places count as two.
	const isClose = best !== undefined && best.away <= Math.max(word.length > 3 ? 2 : 1, Math.floor(word.length / 3));
	return isClose ? best.candidate : undefined;
};

/** “Did you mean …?” as a sentence after another one; empty when nothing is close. */
export const didYouMean = (word: string, known: readonly string[]): string => {
	const meant = closest(word, known);
	return meant === undefined ? '' : ` Did you mean ${meant}?`;
};
