const plainName = /^[\w.@:+/-]+$/;

/** Quotation marks of somebody else, spelt out: they must not end ours. */
const withoutQuotes = (text: string): string => text.replaceAll('“', '\\u{201C}').replaceAll('”', '\\u{201D}');

/** One plain word, which can pose as nothing else. */
export const isPlainName = (name: string): boolean => plainName.test(name);

/** Words of somebody else within a sentence of ours: in quotation marks that they cannot close. */
export const quotedWords = (text: string): string => `“${withoutQuotes(text)}”`;

/** A name that an agent chose, within a sentence of ours: in quotation marks unless it is one plain word. Show it through `visible`. */
export const quotedName = (name: string): string => (isPlainName(name) ? name : quotedWords(name));
