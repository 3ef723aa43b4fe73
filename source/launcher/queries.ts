import {createEscapeScanner, type Verdict} from './escape-scanner.js';
import type {ControlSequence} from './escape-sequences.js';

/** CSI sequences that make a terminal answer. `body` is everything after `CSI`. */
const csiQueries: readonly RegExp[] = [
	/^[=>?]?[\d;]*c$/, // device attributes
	/^\??[\d;]*n$/, // status and cursor position
	/^>[\d;]*q$/, // name and version
	/^\?[\d;]*u$/, // kitty keyboard flags
	/^\??[\d;]*\$p$/, // modes
	/^\?[\d;]*m$/, // key modifier options
	/^(?:1[1345689]|2[01])(?:;[\d;]*)?t$/, // sizes, position, titles
	/^[\d;]*x$/, // terminal parameters
	/^[\d;]*(?:\*y|\$w|\$u|&u|'\||#\||"v)$/, // checksums, presentation, colour tables, locator, colours, extent
	/^\?[\d;]*S$/, // graphics
];

/** Final bytes of the sequences above: for all sequences, and for those with a private prefix only. */
const queryFinals = 'cnpqtxywv|';
const privateQueryFinals = 'umS';

/** Query finals that need a second look without a prefix: `$u` and `&u`, but not the common `u`. */
export const csiFinalsOfQueries = {always: `${queryFinals}u`, whenPrivate: privateQueryFinals} as const;

/** Strings that never ask anything: titles, folders, links, notifications, shell marks. */
const silentOsc = new Set(['0', '1', '2', '7', '8', '9', '133', '633', '777']);

/** Colours, fonts and such: any slot may be a question. */
const slottedOsc = new Set([
	'4',
	'5',
	'10',
	'11',
	'12',
	'13',
	'14',
	'15',
	'16',
	'17',
	'18',
	'19',
	'21',
	'22',
	'50',
	'60',
	'61',
	'702',
	'5522',
]);

const clipboard = '52';
const notification = '99';
const iterm = '1337';

/** What the agent wants to read of the clipboard it may name in a few letters; anything longer is no honest request. */
const longestSelection = 64;

const judgeClipboard = (rest: string, isComplete: boolean): Verdict => {
	const separator = rest.indexOf(';');
	if (separator === -1) {
		const isSuspicious = rest.length > longestSelection;
		return isSuspicious ? 'drop' : 'more';
	}

	const first = rest[separator + 1];
	if (first === undefined && !isComplete) {
		return 'more';
	}

	return first === '?' || separator > longestSelection ? 'drop' : 'pass';
};

const isNotificationQuery = (rest: string): boolean => /^[^;]*p=(?:\?|alive)/.test(rest);
const isItermQuery = (rest: string): boolean => /^(?:ReportCellSize|ReportVariable|Capabilities|RequestUpload)/.test(rest);

const settled = (isQuery: boolean, isComplete: boolean): Verdict => {
	if (isQuery) {
		return 'drop';
	}

	return isComplete ? 'pass' : 'more';
};

const judgeOsc = (body: string, isComplete: boolean): Verdict => {
	const separator = body.indexOf(';');
	if (separator === -1) {
		return 'more';
	}

	const code = body.slice(0, separator);
	const rest = body.slice(separator + 1);
	if (silentOsc.has(code)) {
		return 'pass';
	}

	switch (code) {
		case clipboard:
			return judgeClipboard(rest, isComplete);
		case notification:
			return settled(isNotificationQuery(rest), isComplete || rest.includes(';'));
		case iterm:
			return settled(isItermQuery(rest), isComplete || rest.length > 32);
		default: {
			const asksFirst = rest.startsWith('?');
			const asksAnywhere = slottedOsc.has(code) && /(?:^|[;=])\?/.test(rest);
			const isSettled = isComplete || (rest.length > 0 && !slottedOsc.has(code));
			return settled(asksFirst || asksAnywhere, isSettled);
		}
	}
};

const judgeDcs = (body: string, isComplete: boolean): Verdict => {
	const isKnown = /^[\d;]*[^\d;]./s.test(body);
	return settled(/^[\d;]*[$+]q/.test(body), isComplete || isKnown);
};

/** A kitty graphics command is a question when its keys hold `a=q`. */
const judgeApc = (body: string, isComplete: boolean): Verdict => {
	const keys = body.split(';', 1)[0]!;
	const isGraphics = body.startsWith('G');
	const isSettled = isComplete || body.includes(';') || (body.length > 0 && !isGraphics);
	return settled(isGraphics && /[G,]a=q(?:,|$)/.test(keys) && isSettled, isSettled);
};

/**
 * Whether a control sequence asks the terminal something: `drop` if so. A question must reach one terminal only, the
 * launcher's own screen.
 */
export const judgeQuery = ({kind, body, isComplete}: ControlSequence): Verdict => {
	switch (kind) {
		case 'csi':
			return csiQueries.some(query => query.test(body)) ? 'drop' : 'pass';
		case 'osc':
			return judgeOsc(body, isComplete);
		case 'dcs':
			return judgeDcs(body, isComplete);
		case 'apc':
			return judgeApc(body, isComplete);
		case 'esc':
			return body === 'Z' ? 'drop' : 'pass'; // DECID, the eldest "who are you"
		default:
			return 'pass';
	}
};

export type QuerySniffer = {
	/** True when a query became complete within these bytes. */
	push(chunk: Uint8Array): boolean;
	/** The bytes of a sequence or character that has not come to its end. */
	readonly unfinished: Uint8Array;
};

/**
 * Watches a stream of output for questions to the terminal. `onOsc` gets the body of every OSC that came to its end, one character a byte
 * and cut after 4096; it must not throw.
 */
export const createQuerySniffer = ({onOsc = () => {}}: {readonly onOsc?: ((body: string) => void) | undefined} = {}): QuerySniffer => {
	let isAsked = false;
	const scanner = createEscapeScanner({
		csiFinals: csiFinalsOfQueries.always,
		privateCsiFinals: csiFinalsOfQueries.whenPrivate,
		judge(sequence) {
			if (!sequence.isComplete) {
				return 'more';
			}

			if (sequence.kind === 'osc' && !sequence.isBroken) {
				onOsc(sequence.body);
			}

			isAsked ||= judgeQuery(sequence) === 'drop';
			return 'pass';
		},
	});

	return {
		push(chunk) {
			isAsked = false;
			scanner.push(chunk);
			return isAsked;
		},
		get unfinished() {
			return scanner.held;
		},
	};
};
