import type {State} from '../../state/state.js';
import {ExpectedError} from '../errors.js';
import {castChunks} from './asciicast.js';
import type {ExportFormat} from './export-format.js';
import {jsonlChunks} from './jsonl.js';
import {markdownChunks} from './markdown.js';
import {createRedact, createScreenRedact} from './redact.js';
import type {ExportSources} from './sources.js';
import {textChunks} from './text.js';
import {type Transcript, takeTranscript} from './transcript.js';

export type ExportOptions = ExportSources & {
	/** Read once, now; what changes later is not in the export. */
	readonly state: State;
	readonly sessionId: string;
	/** With everything below the session. */
	readonly tree: boolean;
	readonly format: ExportFormat;
	readonly nowMs: number;
	/** Our own tokens, to be taken out wherever they stand; well-known shapes of tokens are taken out anyway. */
	readonly secrets?: readonly string[];
};

const chunksOf = (transcript: Transcript, {format, secrets = [], outputText, recordingEvents}: ExportOptions): AsyncIterable<string> => {
	const redact = createRedact(secrets);
	switch (format) {
		case 'md': {
			return markdownChunks(transcript, {outputText, redact});
		}

		case 'jsonl': {
			return jsonlChunks(transcript, {outputText, redact});
		}

		case 'txt': {
			return textChunks(transcript, {outputText, redact});
		}

		case 'cast': {
			return castChunks(transcript, {recordingEvents, redact, redactScreen: createScreenRedact(secrets)});
		}
	}
};

/**
 * The export of a session or a tree, piece by piece, for `writeExport`. Takes State down at once, so that the agents may go on while it
 * is written. Throws an `ExpectedError` when there is no such session.
 */
export const exportSession = (options: ExportOptions): AsyncIterable<string> => {
	const {state, sessionId, tree, nowMs} = options;
	if (!state.sessions[sessionId]) {
		throw new ExpectedError(`Could not export ${sessionId}: there is no such session.`, {
			hint: 'The id of a session begins with ses_; the console shows it.',
		});
	}

	return chunksOf(takeTranscript(state, {sessionId, tree, nowMs}), options);
};
