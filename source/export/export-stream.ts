import type {Writable} from 'node:stream';
import {systemErrorCode} from '../errors.js';
import {exportFailure} from './export-file.js';

const write = async (stream: Writable, chunk: string): Promise<void> => {
	await new Promise<void>((resolve, reject) => {
		stream.write(chunk, error => {
			if (error) {
				reject(error);
			} else {
				resolve();
			}
		});
	});
};

/**
 * Writes an export to standard output, no faster than its reader reads. A reader that has seen enough (`| head`) is no failure.
 * Rejects with an `ExpectedError` when the output cannot be written, such as on a full disk.
 */
export const streamExport = async (chunks: AsyncIterable<string>, stream: Writable): Promise<void> => {
	// Without a listener the stream's own error event, which follows the failed write, would end the program.
	const ignore = () => undefined;
	stream.on('error', ignore);
	try {
		for await (const chunk of chunks) {
			if (chunk !== '') {
				await write(stream, chunk);
			}
		}

		stream.off('error', ignore);
	} catch (error) {
		if (systemErrorCode(error) !== 'EPIPE') {
			throw exportFailure('standard output', error);
		}
	}
};
