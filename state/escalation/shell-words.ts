/** One simple command of a shell script: its words without quotes, and the files it is redirected to or from. */
export type ShellCommand = {readonly words: readonly string[]; readonly redirects: readonly string[]};

/** A script taken apart. `isOpaque`: some of it only a shell can tell (expansions, substitutions, blocks, here-documents). */
export type ShellScript = {readonly commands: readonly ShellCommand[]; readonly isOpaque: boolean};

type Token = {readonly kind: 'word' | 'end' | 'redirect' | 'opaque'; readonly text: string};

/** What a shell would expand, or what would change how the rest is read. Quotes around it decide; see the token patterns. */
const tokenPattern =
	/(?<blank>[ \t]+)|(?<end>&&|\|\||;|\||&(?!>)|\n)|(?<redirect>\d*(?:>>|>\||&>>?|>&|<&|[<>])(?![<(]))|(?<word>(?:'[^']*'|"[^"$`\\]*"|[^\s'"&|;<>$`\\(){}#!]|\{\}|(?<=\S)[#!])+)|(?<opaque>[\s\S])/gy;

const withoutQuotes = (word: string): string =>
	word.replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? '');

const tokensOf = (script: string): readonly Token[] =>
	[...script.matchAll(tokenPattern)].flatMap(({groups}) => {
		const {end, redirect, word, opaque} = groups!;
		if (end !== undefined) {
			return {kind: 'end', text: end} as const;
		}

		if (redirect !== undefined) {
			return {kind: 'redirect', text: redirect} as const;
		}

		if (word !== undefined) {
			return {kind: 'word', text: withoutQuotes(word)} as const;
		}

		return opaque === undefined ? [] : ({kind: 'opaque', text: opaque} as const);
	});

/**
 * Takes a `sh -c` script apart as far as that is safe. It is no shell: whatever it does not surely understand makes the script
 * opaque, and the words around it are still told so that the worst of them can be named.
 */
export const parseShell = (script: string): ShellScript => {
	const commands: {words: string[]; redirects: string[]}[] = [{words: [], redirects: []}];
	let isOpaque = false;
	let isRedirected = false;
	for (const {kind, text} of tokensOf(script)) {
		const command = commands.at(-1)!;
		if (kind === 'end') {
			isOpaque ||= isRedirected;
			commands.push({words: [], redirects: []});
		} else if (kind === 'opaque') {
			isOpaque = true;
			commands.push({words: [], redirects: []});
		} else if (kind === 'word') {
			(isRedirected ? command.redirects : command.words).push(text);
		}

		isRedirected = kind === 'redirect';
	}

	return {commands: commands.filter(({words, redirects}) => words.length + redirects.length > 0), isOpaque: isOpaque || isRedirected};
};
