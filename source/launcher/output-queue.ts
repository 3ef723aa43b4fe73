import {cutCharacterLength} from './escape-sequences.js';
import {type ParseJob, parseTurns, sliceMs} from './parse-turns.js';

/** Bytes on their way from a pty into a screen. */
export type OutputQueue = {
	/** Takes bytes; `isUrgent` ones are parsed at once, with everything before them. */
	write(chunk: Uint8Array, isUrgent: boolean): void;
	/** While eager, everything is parsed at once. */
	setEager(isEager: boolean): void;
	/** Parses everything now, however long it takes. */
	parseAll(): void;
	/** Resolves when everything written so far has been parsed, or the queue disposed of. */
	parsed(): Promise<void>;
	readonly pendingBytes: number;
	/** Hears after each parse. A listener that throws is left alone. */
	onParsed(listener: () => void): () => void;
	/** Tells the listeners that the screen changed otherwise. */
	tell(): void;
	dispose(): void;
};

/** The parser takes this much in one step. More would let each screen's buffers grow, and hold the event loop longer. */
const stepBytes = 4096;

/** So many bytes are not left for the next collection: they are worked off as turns come. */
const impatientBytes = 64 * 1024;

/** Ends any sequence the parser may be in. */
const cancel = Uint8Array.of(0x18);

type Waiter = {readonly target: number; readonly resolve: () => void};

/** Bytes for the parser, and how many written bytes they account for. */
type Step = {readonly bytes: Uint8Array; readonly taken: number};

/**
 * Chunks in order, handed out in small steps. A step never ends within a UTF-8 character: xterm.js loses some that are cut
 * (those with a continuation byte 0x80, such as “, ” and —).
 */
const createChunks = () => {
	let chunks: Uint8Array[] = [];
	let next = 0;
	let offset = 0;
	let cutCharacter: Uint8Array = new Uint8Array();

	const rawBytes = (): Uint8Array | undefined => {
		const chunk = chunks[next];
		const bytes = chunk?.subarray(offset, offset + stepBytes);
		offset += bytes?.length ?? 0;
		if (offset === chunk?.length) {
			next++;
			offset = 0;
		}

		if (next === chunks.length) {
			chunks = [];
			next = 0;
		}

		return bytes;
	};

	return {
		add(chunk: Uint8Array): void {
			chunks.push(chunk);
		},
		/** The next bytes; undefined when there are none. */
		take(): Step | undefined {
			const raw = rawBytes();
			if (raw === undefined) {
				return undefined;
			}

			const bytes = cutCharacter.length === 0 ? raw : Buffer.concat([cutCharacter, raw]);
			const end = bytes.length - cutCharacterLength(bytes, 0);
			cutCharacter = Uint8Array.from(bytes.subarray(end));
			return {bytes: bytes.subarray(0, end), taken: raw.length};
		},
		clear(): void {
			chunks = [];
			next = 0;
			offset = 0;
		},
	};
};

/**
 * Survives a parser that throws: the sequence in progress is cancelled and the bytes of that step are lost. When it throws
 * again and again the model is reset, as something inside it must be broken.
 */
const createSafeParser = (parse: (bytes: Uint8Array) => void, reset: () => void) => {
	let failures = 0;
	const attempt = (action: () => void): boolean => {
		try {
			action();
			return true;
		} catch {
			return false;
		}
	};

	return (bytes: Uint8Array): void => {
		if (attempt(() => parse(bytes))) {
			failures = 0;
			return;
		}

		failures++;
		attempt(() => parse(cancel));
		if (failures > 1) {
			attempt(reset);
		}
	};
};

/** Holds output until its turn comes to be parsed. `parse` is synchronous. */
export const createOutputQueue = ({parse, reset}: {parse: (bytes: Uint8Array) => void; reset: () => void}): OutputQueue => {
	const chunks = createChunks();
	const parseSafely = createSafeParser(parse, reset);
	const listeners = new Set<() => void>();
	let waiters: readonly Waiter[] = [];
	let writtenBytes = 0;
	let parsedBytes = 0;
	let isEager = false;
	let isParsing = false;
	let isDisposed = false;

	const tell = (): void => {
		for (const listener of listeners) {
			try {
				listener();
			} catch {}
		}
	};

	const resolveWaiters = (): void => {
		const due = waiters.filter(waiter => waiter.target <= parsedBytes);
		waiters = waiters.filter(waiter => waiter.target > parsedBytes);
		for (const waiter of due) {
			waiter.resolve();
		}
	};

	/** Parses until the deadline, a few bytes in any case; tells whether all is done. */
	const work = (deadlineMs: number): boolean => {
		if (isParsing) {
			return true; // An answer or listener wrote from inside the parser: the loop below goes on with it.
		}

		isParsing = true;
		const parsedBefore = parsedBytes;
		const mayGoOn = (): boolean => parsedBytes - parsedBefore < stepBytes || performance.now() < deadlineMs;
		for (let step = chunks.take(); step !== undefined; step = mayGoOn() ? chunks.take() : undefined) {
			parseSafely(step.bytes);
			parsedBytes += step.taken;
		}

		isParsing = false;
		if (parsedBytes > parsedBefore) {
			tell();
			resolveWaiters();
		}

		return parsedBytes === writtenBytes;
	};

	const job: ParseJob = {work};

	const workNow = (): void => {
		if (!work(performance.now() + sliceMs)) {
			parseTurns.soon(job);
		}
	};

	return {
		write(chunk, isUrgent) {
			if (isDisposed || chunk.length === 0) {
				return;
			}

			chunks.add(chunk);
			writtenBytes += chunk.length;
			if (isEager || isUrgent) {
				workNow();
			} else if (writtenBytes - parsedBytes > impatientBytes) {
				parseTurns.soon(job);
			} else {
				parseTurns.later(job);
			}
		},
		setEager(eager) {
			isEager = eager;
			if (eager && parsedBytes < writtenBytes) {
				workNow();
			}
		},
		parseAll() {
			work(Number.POSITIVE_INFINITY);
		},
		parsed() {
			if (parsedBytes === writtenBytes) {
				return Promise.resolve();
			}

			parseTurns.soon(job);
			return new Promise(resolve => {
				waiters = [...waiters, {target: writtenBytes, resolve}];
			});
		},
		get pendingBytes() {
			return writtenBytes - parsedBytes;
		},
		onParsed(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		tell,
		dispose() {
			isDisposed = true;
			chunks.clear();
			parsedBytes = writtenBytes;
			parseTurns.forget(job);
			listeners.clear();
			resolveWaiters();
		},
	};
};
