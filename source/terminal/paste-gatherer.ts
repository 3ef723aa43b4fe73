const terminator = Buffer.from('\u{1B}[201~', 'latin1');
const escapeByte = 0x1b;

/** The most bytes of one paste that are kept; what is beyond is dropped. */
export const pasteLimitBytes = 1024 * 1024;

const validCharacter =
	/[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;

const dropInvalid = (bytes: Buffer): string =>
	Buffer.from((bytes.toString('latin1').match(validCharacter) ?? []).join(''), 'latin1').toString('utf8');

/** Looks closely only when it must: a replacement character may stand for invalid bytes, or be the operator's own. */
const decode = (bytes: Buffer): string => {
	const text = bytes.toString('utf8');
	return text.includes('\u{FFFD}') ? dropInvalid(bytes) : text;
};

type Gathered = {
	parts: Buffer[];
	keptBytes: number;
	/** How much of the end marker the last bytes were. */
	matched: number;
};

const keep = (gathered: Gathered, bytes: Uint8Array): void => {
	const room = pasteLimitBytes - gathered.keptBytes;
	if (room > 0 && bytes.length > 0) {
		// A copy: the chunk's memory belongs to the stream it came from.
		const kept = Buffer.from(bytes.subarray(0, room));
		gathered.parts.push(kept);
		gathered.keptBytes += kept.length;
	}
};

/** Whether this byte completes the end marker. */
const take = (gathered: Gathered, byte: number): boolean => {
	if (byte === terminator[gathered.matched]) {
		gathered.matched++;
		return gathered.matched === terminator.length;
	}

	keep(gathered, terminator.subarray(0, gathered.matched));
	gathered.matched = byte === escapeByte ? 1 : 0;
	if (gathered.matched === 0) {
		keep(gathered, Uint8Array.of(byte));
	}

	return false;
};

export type PasteGatherer = ReturnType<typeof createPasteGatherer>;

/** Gathers the bytes of a bracketed paste until its end marker, over any number of chunks. */
export const createPasteGatherer = () => {
	let gathered: Gathered = {parts: [], keptBytes: 0, matched: 0};

	return {
		/** Takes bytes from `start` on; returns the index after the end marker, or -1 when the paste goes on. */
		push(chunk: Uint8Array, start: number): number {
			for (let at = start; at < chunk.length; ) {
				if (gathered.matched === 0) {
					const next = chunk.indexOf(escapeByte, at);
					keep(gathered, chunk.subarray(at, next === -1 ? chunk.length : next));
					if (next === -1) {
						return -1;
					}

					at = next;
				}

				if (take(gathered, chunk[at++]!)) {
					return at;
				}
			}

			return -1;
		},
		/** The text gathered so far, without its invalid bytes; the next paste starts empty. */
		finish(): string {
			const text = decode(Buffer.concat(gathered.parts));
			gathered = {parts: [], keptBytes: 0, matched: 0};
			return text;
		},
	};
};
