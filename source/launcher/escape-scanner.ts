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

/** Finds control sequences in a stream of output, however it is cut, and takes out those that `judge` drops. */
export const createEscapeScanner = ({judge, csiFinals, privateCsiFinals}: ScannerOptions): EscapeScanner => {
	const always = tableOf(csiFinals);
	const whenPrivate = tableOf(privateCsiFinals);
	let held: Buffer = Buffer.alloc(0);
	let openString: {readonly kind: SequenceKind; readonly isDropped: boolean} | undefined;

	const isWorthJudging = (data: Buffer, span: Span): boolean => {
		if (span.kind !== 'csi') {
			return span.kind === 'esc';
		}

		const final = data[span.bodyTo - 1]!;
		const isPrivate = data[span.bodyFrom]! >= 0x3c;
		return always[final] === 1 || (isPrivate && whenPrivate[final] === 1);
	};

	const takeShort = (data: Buffer, start: number, span: Span, output: Output): number => {
		const isDropped = isWorthJudging(data, span) && judge({kind: span.kind, body: bodyOf(data, span), isComplete: true}) === 'drop';
		if (isDropped) {
			output.drop(start, span.end);
		}

		return span.end;
	};

	/** Goes on with a string whose fate is settled, up to its end or that of the data. */
	const followString = (data: Buffer, start: number, searchFrom: number, output: Output): number => {
		const {kind, isDropped} = openString!;
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

		openString = found === undefined ? openString : undefined;
		return found?.end ?? data.length;
	};

	const takeString = (data: Buffer, start: number, kind: SequenceKind, bodyFrom: number, output: Output): number => {
		const found = findStringEnd(data, kind, bodyFrom);
		const bodyTo = Math.min(found?.bodyTo ?? data.length, bodyFrom + mostHeld);
		const isBroken = found !== undefined && isBrokenAt(data, found.bodyTo);
		const body = data.toString('latin1', bodyFrom, bodyTo);
		const verdict = judge({kind, body, isComplete: found !== undefined, ...(isBroken && {isBroken})});
		const mustWait = found === undefined && verdict === 'more' && data.length - start <= mostHeld;
		if (mustWait) {
			output.hold(start);
			return data.length;
		}

		openString = {kind, isDropped: verdict === 'drop'};
		return followString(data, start, bodyFrom, output);
	};

	/** Takes the sequence at `start`; gives where to go on. */
	const take = (data: Buffer, start: number, output: Output): number => {
		const introducer = introducerAt(data, start);
		if (introducer === undefined) {
			return start + 1;
		}

		if (introducer === isCutOff) {
			output.hold(start);
			return data.length;
		}

		const {kind, bodyFrom} = introducer;
		if (isString(kind)) {
			return takeString(data, start, kind, bodyFrom, output);
		}

		const span = findShort(data, kind as 'esc' | 'csi', bodyFrom, kind === 'csi' ? 0x40 : 0x30);
		if (span === isCutOff) {
			output.hold(start);
			return data.length;
		}

		return takeShort(data, start, span, output);
	};

	const holdCutCharacter = (data: Buffer, from: number, output: Output): void => {
		const cut = cutCharacterLength(data, from);
		if (cut > 0) {
			output.hold(data.length - cut);
		}
	};

	const scan = (data: Buffer, output: Output): void => {
		let at = openString === undefined ? 0 : followString(data, 0, 0, output);
		let nextC1 = data.indexOf(c1Lead, at);
		while (at < data.length) {
			const nextEsc = data.indexOf(esc, at);
			nextC1 = nextC1 !== -1 && nextC1 < at ? data.indexOf(c1Lead, at) : nextC1;
			const start = nextEsc === -1 || (nextC1 !== -1 && nextC1 < nextEsc) ? nextC1 : nextEsc;
			if (start === -1) {
				holdCutCharacter(data, at, output);
				return;
			}

			at = take(data, start, output);
		}
	};

	return {
		push(chunk) {
			const data = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
			const output = createOutput(data);
			scan(data, output);
			held = output.held() ?? Buffer.alloc(0);
			return output.bytes();
		},
		get held() {
			return held;
		},
	};
};
