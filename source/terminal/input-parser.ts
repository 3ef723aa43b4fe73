import type {InputEvent} from './input-event.js';
import {ground, keyEvent, type ParserState, type Step, steps} from './input-steps.js';
import {createPasteGatherer} from './paste-gatherer.js';

/** How long a lone escape may be the start of something. */
export const escapeMs = 30;

/** After this much silence an unfinished sequence is given up, so that no stray introducer can swallow what the operator types later. */
export const abandonMs = 1000;

/** After this much silence an unfinished paste is taken as it is. */
export const pasteMs = 5000;

const finishPaste = (parser: ParserState): InputEvent => {
	ground(parser);
	return {kind: 'paste', text: parser.paste.finish()};
};

const nextEvent = (parser: ParserState): Step => {
	while (parser.at < parser.chunk.length) {
		if (parser.mode === 'paste') {
			const end = parser.paste.push(parser.chunk, parser.at);
			parser.at = end === -1 ? parser.chunk.length : end;
			if (end !== -1) {
				return finishPaste(parser);
			}

			continue;
		}

		if (parser.mode === 'ground') {
			parser.tokenStart = parser.at;
		}

		const event = steps[parser.mode](parser, parser.chunk[parser.at++]!);
		if (event) {
			return event;
		}
	}

	return undefined;
};

const silencedEvent = (parser: ParserState): Step => {
	if (parser.mode === 'escape') {
		return keyEvent(parser, 'escape');
	}

	if (parser.mode === 'ss3' && parser.body === '') {
		return keyEvent(parser, 'alt+O');
	}

	return parser.mode === 'paste' ? finishPaste(parser) : ground(parser);
};

const patienceMs = ({mode, body}: ParserState): number | undefined => {
	if (mode === 'ground') {
		return undefined;
	}

	const mayBeKey = mode === 'escape' || (mode === 'ss3' && body === '');
	return mayBeKey ? escapeMs : mode === 'paste' ? pasteMs : abandonMs;
};

export type InputParser = ReturnType<typeof createInputParser>;

/**
 * Turns the bytes of a terminal into what the operator did, one event at a time, however the bytes are cut into chunks. Replies to
 * queries are swallowed whole; invalid UTF-8 is dropped. It has no clock: the caller tells it when the line fell silent.
 */
export const createInputParser = () => {
	const parser: ParserState = {
		paste: createPasteGatherer(),
		mode: 'ground',
		chunk: new Uint8Array(),
		at: 0,
		isWhole: true,
		tokenStart: -1,
		body: '',
		endsWithBell: false,
		bytesLeft: 0,
		codePoint: 0,
		leastCodePoint: 0,
		bits: 0,
	};

	return {
		/** Takes the next chunk; the one before must have been read to its end. `isWhole` is false for what is left of a larger chunk. */
		feed(chunk: Uint8Array, {isWhole = true}: {readonly isWhole?: boolean} = {}): void {
			Object.assign(parser, {chunk, isWhole, at: 0, tokenStart: -1});
		},
		/** The next event, or `undefined` when more bytes are needed. */
		next: (): InputEvent | undefined => nextEvent(parser),
		/** Gives up the bytes not read yet and forgets what is unfinished: from here on they are somebody else's. */
		takeRest(): Uint8Array {
			const rest = parser.chunk.subarray(parser.at);
			parser.at = parser.chunk.length;
			parser.paste.finish();
			ground(parser);
			return rest;
		},
		/** How long to wait for more bytes before `silence`; `undefined` when nothing is unfinished. */
		patienceMs: (): number | undefined => patienceMs(parser),
		/** No bytes came for `patienceMs`: decides what is unfinished. */
		silence: (): InputEvent | undefined => silencedEvent(parser),
	};
};
