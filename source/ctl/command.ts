import type {Json} from '../../state/json.js';
import type {ExitCode} from '../errors.js';
import type {Answer, Client, HttpCall} from './client.js';
import type {FlagName, Flags} from './flags.js';

/** A row of a listing: its cells under their titles. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What a command works with. */
export type Call = {
	readonly flags: Flags;
	readonly client: Client;
	readonly env: NodeJS.ProcessEnv;
	/** The folder agentctl was started in. */
	readonly cwd: string;
	/** Prints one line now, for commands that go on. */
	readonly printLine: (line: string) => void;
	readonly isJson: boolean;
	readonly signal: AbortSignal;
	/** What it reads, for commands that are handed something. */
	readonly stdin: NodeJS.ReadableStream;
};

/** What a command has to show for itself. Without an answer it has printed everything already. */
export type Done = {readonly answer?: Answer; readonly exitCode?: ExitCode};

/** One command of agentctl: what it is called, what it takes, what it asks the server and how the answer is shown. */
export type CtlCommand = {
	/** `['session', 'create']`. */
	readonly words: readonly string[];
	readonly about: string;
	/** The flags it takes beside the global ones. */
	readonly flags: readonly FlagName[];
	/** The flag that a bare argument stands for. */
	readonly bare?: FlagName;
	/** A listing: the rows of its table. */
	readonly rows?: (answer: Answer) => readonly Row[];
} & (
	| {readonly request: HttpCallOf}
	/** For commands that take more than one request. */
	| {readonly run: (call: Call) => Promise<Done>}
);

/** Makes the one request of a command. */
export type HttpCallOf = (call: Call) => HttpCall;

/** The flags that were given, under the names of the wire; those left out stay away. */
export const given = (flags: Flags, names: readonly FlagName[]): Record<string, string> =>
	Object.fromEntries(
		names.flatMap(name => {
			const value = flags.text(name);
			return value === undefined ? [] : [[name.replaceAll('-', '_'), value]];
		}),
	);

/** A path with its parts escaped. */
export const at = (...parts: readonly string[]): string => `/${parts.map(encodeURIComponent).join('/')}`;

/** A path with a query. */
export const withQuery = (path: string, query: Readonly<Record<string, string | number | undefined>>): string => {
	const search = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== undefined) {
			search.set(name, String(value));
		}
	}

	return search.size === 0 ? path : `${path}?${search}`;
};

/** A value as the cell of a table; nothing for nothing. */
export const text = (value: Json | undefined): string => (value === undefined || value === null ? '' : String(value));

/** The records of a list in an answer. */
export const itemsOf = (answer: Answer, name: string): ReadonlyArray<Readonly<Record<string, Json | undefined>>> =>
	(answer[name] ?? []) as ReadonlyArray<Readonly<Record<string, Json | undefined>>>;

/** Rows of the named fields of a list, each under its own name. */
export const rowsOf =
	(list: string, fields: readonly string[]) =>
	(answer: Answer): readonly Row[] =>
		itemsOf(answer, list).map(item => Object.fromEntries(fields.map(field => [field, text(item[field])])));
