import {
	bodyOf,
	type ControlSequence,
	c1Lead,
	cutCharacterLength,
	esc,
	findShort,
	findStringEnd,
	introducerAt,
	isBrokenAt,
	isCutOff,
	isString,
	mostHeld,
	type SequenceKind,
	type Span,
} from './escape-sequences.js';

/** `more` asks to see an incomplete string again when more of it has arrived; for a complete one it means `pass`. */
export type Verdict = 'pass' | 'drop' | 'more';

export type EscapeScanner = {
	/** Takes bytes as they came, cut anywhere; gives back those that pass. */
	push(chunk: Uint8Array): Uint8Array;
	/** The bytes of a sequence or character that is not complete yet. */
	readonly held: Uint8Array;
};

/** The part of `data` that passes: everything but what was dropped or held back. */
const createOutput = (data: Buffer) => {
	const parts: Buffer[] = [];
	let from = 0;
	let held: Buffer | undefined;

	const drop = (start: number, end: number): void => {
		if (start > from) {
			parts.push(data.subarray(from, start));
		}

		from = end;
	};

	return {
		drop,
		hold(start: number): void {
			held = Buffer.from(data.subarray(start));
			drop(start, data.length);
		},
		held: (): Buffer | undefined => held,
		bytes(): Buffer {
			const rest = from === 0 ? data : data.subarray(from);
			return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
		},
	};
};

type Output = ReturnType<typeof createOutput>;

const tableOf = (finals: string): Uint8Array => {
	const table = new Uint8Array(256);
	for (const final of finals) {
		table[final.charCodeAt(0)] = 1;
	}

	return table;
};

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export type ScannerOptions = {
	/** Called for every string and ESC sequence, and for the CSI sequences below. Must not throw. */
	readonly judge: (sequence: ControlSequence) => Verdict;
	/** Final bytes of the CSI sequences to judge; the others pass at once. */
	readonly csiFinals: string;
	/** Final bytes of those judged only when a private prefix (`<`, `=`, `>`, `?`) comes first. */
	readonly privateCsiFinals: string;
};

/** What a scanner knows from one chunk to the next. */
type Progress = {
	readonly judge: ScannerOptions['judge'];
	readonly always: Uint8Array;
	readonly whenPrivate: Uint8Array;
	/** The string the last chunk ended in, when its fate is settled. */
	openString: {readonly kind: SequenceKind; readonly isDropped: boolean} | undefined;
};

/** One chunk on its way. */
type Work = {readonly progress: Progress; readonly data: Buffer; readonly output: Output};

const firstPrivate = 0x3c;
const firstParameter = 0x20;
const firstFinal = 0x40;
const lastFinal = 0x7e;
const openingBracket = 0x5b;

/** Where a CSI sequence ends that is whole, well-formed and none to judge (by far the most); 0 for all else. */
const plainCsiEnd = ({progress: {always, whenPrivate}, data}: Work, start: number): number => {
	if (data[start + 1] !== openingBracket) {
		return 0;
	}

	let at = start + 2;
	while (at < data.length && data[at]! >= firstParameter && data[at]! < firstFinal) {
		at++;
	}

	const final = data[at] ?? 0;
	const isPrivate = data[start + 2]! >= firstPrivate;
	const isToBeJudged = always[final] === 1 || (isPrivate && whenPrivate[final] === 1);
	return final >= firstFinal && final <= lastFinal && !isToBeJudged ? at + 1 : 0;
};

const takeShort = ({progress: {judge, always, whenPrivate}, data, output}: Work, start: number, span: Span): number => {
	const final = data[span.bodyTo - 1] ?? 0;
	const isPrivate = data[span.bodyFrom]! >= firstPrivate;
	const isToBeJudged = span.kind === 'esc' || (span.kind === 'csi' && (always[final] === 1 || (isPrivate && whenPrivate[final] === 1)));
	if (isToBeJudged && judge({kind: span.kind, body: bodyOf(data, span), isComplete: true}) === 'drop') {
		output.drop(start, span.end);
	}

	return span.end;
};

/** Goes on with a string whose fate is settled, up to its end or that of the data. */
const followString = ({progress, data, output}: Work, start: number, searchFrom: number): number => {
	const {kind, isDropped} = progress.openString!;
	const found = findStringEnd(data, kind, searchFrom);
	const last = data.at(-1);
	const mayBeTerminator = found === undefined && (last === esc || last === c1Lead);
	const end = found?.end ?? (mayBeTerminator ? data.length - 1 : data.length);
	if (isDropped) {
		output.drop(start, end);
	}

	if (mayBeTerminator) {
		output.hold(end);
	}

	progress.openString = found === undefined ? progress.openString : undefined;
	return found?.end ?? data.length;
};

const takeString = (work: Work, start: number, kind: SequenceKind, bodyFrom: number): number => {
	const {progress, data, output} = work;
	const found = findStringEnd(data, kind, bodyFrom);
	const bodyTo = Math.min(found?.bodyTo ?? data.length, bodyFrom + mostHeld);
	const isBroken = found !== undefined && isBrokenAt(data, found.bodyTo);
	const body = data.toString('latin1', bodyFrom, bodyTo);
	const verdict = progress.judge({kind, body, isComplete: found !== undefined, ...(isBroken && {isBroken})});
	const mustWait = found === undefined && verdict === 'more' && data.length - start <= mostHeld;
	if (mustWait) {
		output.hold(start);
		return data.length;
	}

	progress.openString = {kind, isDropped: verdict === 'drop'};
	return followString(work, start, bodyFrom);
};

/** Takes the sequence at `start`; gives where to go on. */
const take = (work: Work, start: number): number => {
	const {data, output} = work;
	const introducer = introducerAt(data, start);
	if (introducer === undefined) {
		return start + 1;
	}

	if (introducer !== isCutOff && isString(introducer.kind)) {
		return takeString(work, start, introducer.kind, introducer.bodyFrom);
	}

	const span = introducer === isCutOff ? isCutOff : findShort(data, introducer.kind, introducer.bodyFrom);
	if (span === isCutOff) {
		output.hold(start);
		return data.length;
	}

	return takeShort(work, start, span);
};

const scan = (work: Work): void => {
	const {progress, data, output} = work;
	let at = progress.openString === undefined ? 0 : followString(work, 0, 0);
	let textFrom = at;
	const {length} = data;
	while (at < length) {
		const byte = data[at]!;
		if (byte === esc || byte === c1Lead) {
			at = (byte === esc && plainCsiEnd(work, at)) || take(work, at);
			textFrom = at;
		} else {
			at++;
		}
	}

	const cut = cutCharacterLength(data, textFrom);
	if (cut > 0) {
		output.hold(data.length - cut);
	}
};

/** Finds control sequences in a stream of output, however it is cut, and takes out those that `judge` drops. */
export const createEscapeScanner = ({judge, csiFinals, privateCsiFinals}: ScannerOptions): EscapeScanner => {
	const progress: Progress = {judge, always: tableOf(csiFinals), whenPrivate: tableOf(privateCsiFinals), openString: undefined};
	let held: Buffer = Buffer.alloc(0);

	return {
		push(chunk) {
			const data = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
			const output = createOutput(data);
			scan({progress, data, output});
			held = output.held() ?? Buffer.alloc(0);
			return output.bytes();
		},
		get held() {
			return held;
		},
	};
};
