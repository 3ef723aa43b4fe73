/** What goes to an agent for one line: the text, and the key that submits it, which must be a write of its own. */
export type TypedLine = {readonly text: Uint8Array; readonly submit: Uint8Array};

const pasteStart = '\u001B[200~';
const pasteEnd = '\u001B[201~';

/** Control characters do things instead of saying something. Only tabs and line breaks belong to a text. */
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

/**
 * Turns a text into keys. Where the agent understands a bracketed paste, line breaks are part of the text, as in any pasted one;
 * elsewhere each would submit, so they become spaces. Escapes and other control characters are left out: a text is never a command
 * to the terminal.
 */
export const typedLine = (text: string, {isBracketed}: {readonly isBracketed: boolean}): TypedLine => {
	const lines = text.replaceAll(/\r\n?/g, '\n').replaceAll(controls, '');
	const keys = isBracketed ? `${pasteStart}${lines.replaceAll('\n', '\r')}${pasteEnd}` : lines.replaceAll(/\s*\n\s*/g, ' ');
	return {text: Buffer.from(keys), submit: Buffer.from('\r')};
};
