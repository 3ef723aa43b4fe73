/** Takes secrets out of a text, as far as they can be told from other words. Lines stay lines, but for keys that span several. */
export type Redact = (text: string) => string;

const mark = '[redacted]';

/**
 * Shapes of tokens that services document, each with a fixed prefix: nothing that merely looks random is taken. Lengths are bounded where
 * a hostile text could otherwise make the search slow.
 */
const tokenShapes: readonly RegExp[] = [
	/-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:(?!-----BEGIN)[\s\S]){0,20000}?-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?:\s+[A-Za-z0-9+/=]{16,})*)/g,
	/\bsk-[\w-]{16,}/g,
	/\bgh[oprsu]_\w{20,}/g,
	/\bgithub_pat_\w{20,}/g,
	/\bglpat-[\w-]{20,}/g,
	/\bnpm_[A-Za-z0-9]{30,}/g,
	/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
	/\bAIza[\w-]{30,}/g,
	/\bxox[abeoprs]-[\w-]{10,}/g,
	/\beyJ[\w-]{8,400}\.eyJ[\w-]{8,4000}\.[\w-]{8,}/g,
	// Our own, of any attempt.
	/\brun_[\w-]{1,40}\.\d{1,9}\.[\w-]{43}/g,
];

/** What stands before a secret and stays: `Bearer`, and the user's name in a URL with a password. */
const afterWords: readonly RegExp[] = [
	/(\bbearer\s{1,8})[\w.~+/=-]{12,}/gi,
	/(\b[a-z][a-z\d+.-]{0,20}:\/\/[^\s:/@]{0,100}:)[^\s/@]{3,200}(?=@)/gi,
];

const shortestSecret = 8;

/** The very secret, also where a terminal broke it over two lines. */
const exactly = (secret: string): RegExp =>
	new RegExp(Array.from(secret, character => character.replace(/[$()*+.?[\\\]^{|}]/, String.raw`\$&`)).join(String.raw`\n?`), 'g');

const replacing = (secrets: readonly string[], replacement: (secret: string) => string): Redact => {
	const known = secrets.filter(({length}) => length >= shortestSecret).map(exactly);
	return text => {
		let result = text;
		for (const shape of [...known, ...tokenShapes]) {
			result = result.replace(shape, replacement);
		}

		for (const shape of afterWords) {
			result = result.replace(shape, (whole: string, words: string) => words + replacement(whole.slice(words.length)));
		}

		return result;
	};
};

/** Redacts text: known secrets (our own tokens) and whatever has the shape of a well-known token become `[redacted]`. */
export const createRedact = (secrets: readonly string[]): Redact => replacing(secrets, () => mark);

/**
 * The same for a stretch of terminal output: stars in place of letters, so that nothing on the screen moves. A secret that arrived in
 * two stretches is not found.
 */
export const createScreenRedact = (secrets: readonly string[]): Redact => replacing(secrets, secret => secret.replaceAll(/[^\s]/g, '*'));
