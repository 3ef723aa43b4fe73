import {parseArgs} from 'node:util';
import {didYouMean} from './closest.js';
import {usage} from './failure.js';

type Definition = {
	readonly type: 'string' | 'boolean';
	/** What stands for the value in help. */
	readonly value?: string;
	readonly about: string;
	readonly isRepeatable?: boolean;
};

/** Every flag of agentctl, once; commands name the ones they take. */
export const flagDefinitions = {
	url: {type: 'string', value: 'URL', about: 'the server, as http://127.0.0.1:8765 or unix:/path/to/socket'},
	'state-dir': {type: 'string', value: 'DIR', about: 'the state folder whose coordinator is meant'},
	'auth-token': {type: 'string', value: 'T', about: 'the token to use (also AGENTCTL_AUTH_TOKEN)'},
	format: {type: 'string', value: 'json|text', about: 'json prints one compact JSON value, also for errors'},
	field: {type: 'string', value: 'a.b.c', about: 'prints one field of the answer, bare'},
	help: {type: 'boolean', about: 'shows this help'},
	version: {type: 'boolean', about: 'shows the version'},
	'session-id': {type: 'string', value: 'SES', about: 'the session'},
	'run-id': {type: 'string', value: 'RUN', about: 'the run; inside an agent its own, except for waiting'},
	'parent-run-id': {type: 'string', value: 'RUN', about: 'the run that becomes the parent; inside an agent its own'},
	'escalation-id': {type: 'string', value: 'ESC', about: 'the request'},
	key: {type: 'string', value: 'KEY', about: 'the breaker or alert, such as agent:codex'},
	text: {type: 'string', value: 'TEXT', about: 'the message, question, answer or reason'},
	task: {type: 'string', value: 'TEXT', about: 'what the child is to do'},
	agent: {type: 'string', value: 'NAME', about: 'the agent (default: codex where installed; a child has its parent’s)'},
	label: {type: 'string', value: 'NAME', about: 'what the session is called'},
	cwd: {type: 'string', value: 'DIR', about: 'the folder it starts in (default: this one; a child has its parent’s)'},
	lane: {type: 'string', value: 'urgent|high|normal|low', about: 'how urgent it is'},
	mode: {
		type: 'string',
		value: 'queue|steer|interrupt',
		about: 'how it reaches a busy session: as its next run, typed, or after stopping its turn',
	},
	'depends-on': {type: 'string', value: 'RUN', about: 'a run that must have succeeded before it starts; repeatable', isRepeatable: true},
	'on-dependency-failure': {type: 'string', value: 'fail|release', about: 'when one of those ends badly: fail too, or start without it'},
	demand: {type: 'string', value: 'TAG', about: 'a tag that the agent or its launcher must have; repeatable', isRepeatable: true},
	retry: {type: 'boolean', about: 'tries it again when it fails'},
	preemptible: {type: 'boolean', about: 'lets an urgent run take its slot; it is queued again then'},
	preempts: {type: 'boolean', about: 'lets it take the slot of a pre-emptible run in a lower lane'},
	'deadline-at-ms': {type: 'string', value: 'MS', about: 'it is of no use after this moment (ms since 1970)'},
	tag: {type: 'string', value: 'TAG', about: 'a free word to find the session by; repeatable', isRepeatable: true},
	'on-parent-success': {type: 'string', value: 'keep|cancel', about: 'what becomes of it when the run that spawned it succeeds'},
	to: {type: 'string', value: 'first|last', about: 'where to (default: first)'},
	provider: {type: 'string', value: 'NAME', about: 'the provider of models, such as anthropic'},
	'until-ms': {type: 'string', value: 'MS', about: 'when it may go on (ms since 1970)'},
	'idempotency-key': {type: 'string', value: 'K', about: 'asking again with the same key gives the first answer'},
	'timeout-s': {type: 'string', value: 'N', about: 'how long to wait; then exit 124, and nothing was changed'},
	'request-kind': {type: 'string', value: 'KIND', about: 'approval_request, permission_request, question or notice'},
	tool: {type: 'string', value: 'NAME', about: 'the tool that wants approval'},
	argv: {type: 'string', value: 'ARG', about: 'one argument of the command that wants approval; repeatable, in order', isRepeatable: true},
	payload: {type: 'string', value: 'JSON', about: 'facts about the request: tool, argv, cwd, diff, env and more'},
	wait: {type: 'boolean', about: 'waits for the decision; exit 0 approved or answered, 10 denied, 11 expired or withdrawn'},
	follow: {type: 'boolean', about: 'goes on with events as they happen'},
	tree: {type: 'boolean', about: 'with everything below it'},
	type: {type: 'boolean', about: 'types it into the live terminal instead of queueing it'},
	all: {type: 'boolean', about: 'closed ones too'},
	cursor: {type: 'string', value: 'SEQ', about: 'only what came after it'},
	limit: {type: 'string', value: 'N', about: 'at most this many'},
	choice: {type: 'string', value: 'approve|deny|answer', about: 'the decision'},
	folder: {type: 'string', value: 'DIR', about: 'the folder of the attempt whose agent calls'},
	tell: {type: 'boolean', about: 'only tells: gives up soon when no coordinator is there'},
	word: {type: 'string', value: 'WORD', about: 'approves a high risk: the word of its risk, as “escalation show” tells it'},
	scope: {type: 'string', value: 'once|run|tree|always', about: 'how far an approval reaches (default once)'},
	lifetime: {type: 'string', value: '8h', about: 'how long it holds, at most 30d; “8h 20x” also says how often'},
	'grant-id': {type: 'string', value: 'GRT', about: 'the approval that holds for longer than once'},
	fingerprint: {type: 'string', value: 'HEX', about: 'of what you saw, as “escalation show” tells it; its first 8 digits are enough'},
} as const satisfies Readonly<Record<string, Definition>>;

export type FlagName = keyof typeof flagDefinitions;

/** Flags that every command takes. */
export const globalFlags: readonly FlagName[] = ['url', 'state-dir', 'auth-token', 'format', 'field', 'help', 'version'];

/** What was given on the command line. */
export type Flags = {
	has(name: FlagName): boolean;
	/** The value; `undefined` when it was not given. The last one counts. */
	text(name: FlagName): string | undefined;
	/** Every value of a repeatable flag. */
	all(name: FlagName): readonly string[];
	/** The value, which must be there: throws a usage failure that names the flag. */
	need(name: FlagName): string;
	/** A number of 0 or more; throws a usage failure for anything else. */
	number(name: FlagName): number | undefined;
	/** The names that were given. */
	readonly names: readonly FlagName[];
};

const isFlagName = (name: string): name is FlagName => Object.hasOwn(flagDefinitions, name);

const definitionOf = (name: FlagName): Definition => flagDefinitions[name];

/** The flags over what was given. `withDefault` adds one that was left out. */
export const createFlags = (given: ReadonlyMap<FlagName, readonly string[]>): Flags => {
	const text = (name: FlagName): string | undefined => given.get(name)?.at(-1);
	return {
		names: [...given.keys()],
		has: name => given.has(name),
		text,
		all: name => given.get(name) ?? [],
		need(name) {
			const value = text(name);
			if (value === undefined || value === '') {
				throw usage(`--${name} is missing.`);
			}

			return value;
		},
		number(name) {
			const value = text(name);
			if (value !== undefined && !/^\d+(\.\d+)?$/.test(value)) {
				throw usage(`--${name} must be a number of 0 or more, not ${JSON.stringify(value)}.`);
			}

			return value === undefined ? undefined : Number(value);
		},
	};
};

/** Splits a command line into words and flags. A value may start with a dash. Throws a usage failure for an unknown flag or a missing value. */
export const parseFlags = (
	argv: readonly string[],
): {readonly words: readonly string[]; readonly given: ReadonlyMap<FlagName, readonly string[]>} => {
	const options = Object.fromEntries(
		Object.entries<Definition>(flagDefinitions).map(([name, {type}]) => [name, {type, ...(name === 'help' && {short: 'h'})}]),
	);
	const {tokens} = parseArgs({args: [...argv], options, strict: false, allowPositionals: true, tokens: true});
	const words: string[] = [];
	const given = new Map<FlagName, readonly string[]>();
	for (const token of tokens) {
		if (token.kind === 'positional') {
			words.push(token.value);
		}

		if (token.kind !== 'option') {
			continue;
		}

		const {name, rawName, value} = token;
		if (!isFlagName(name) || (name.length === 1 && rawName.startsWith('--'))) {
			throw usage(`There is no flag ${rawName}.${didYouMean(name, Object.keys(flagDefinitions))}`);
		}

		const {type, isRepeatable} = definitionOf(name);
		if (type === 'string' && value === undefined) {
			throw usage(`${rawName} needs a value.`);
		}

		if (type === 'boolean' && value !== undefined) {
			throw usage(`${rawName} takes no value.`);
		}

		if (given.has(name) && type === 'string' && !isRepeatable) {
			throw usage(`${rawName} was given twice.`);
		}

		given.set(name, [...(given.get(name) ?? []), value ?? '']);
	}

	return {words, given};
};
