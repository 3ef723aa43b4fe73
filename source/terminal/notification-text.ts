/** Longer texts are cut: a notification is a hint to look, not the message. */
const longest = 200;

// Control, format, private, unassigned and separator characters, but for the plain blank; and what draws nothing though it is a letter or a mark.
const unsafe = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u{2800}]/gu;

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`;

/**
 * Text that may stand inside an escape sequence and in a desktop's notification: everything that could end the sequence, hide
 * or turn text around is written out. A line break becomes a blank.
 */
export const notificationText = (text: string): string => {
	const characters = [...text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim()];
	const cut = characters.length > longest ? [...characters.slice(0, longest - 1), '…'] : characters;
	return cut.join('').replaceAll(unsafe, escaped);
};
