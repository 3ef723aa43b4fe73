import {readFileSync, renameSync} from 'node:fs';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import type {Fields} from '../untrusted-json.js';

const takenName = (file: string): string => `${file}.sent`;

/** Takes the prompt, so that no other connection gives it to the agent too; `undefined` when there is none (any more). */
const takePrompt = (file: string): string | undefined => {
	try {
		const text = readFileSync(file, 'utf8');
		renameSync(file, takenName(file));
		return text;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
};

/**
 * Gives the prompt that waits in a file to the server of an OpenCode, once, whoever connects. Rejects when the server refused it: the next
 * connection tries again. A time-out does not tell whether it was taken, and what may be under way is not asked for again.
 */
export const givePrompt = async ({
	file,
	threadId,
	post,
}: {
	readonly file: string;
	readonly threadId: string;
	readonly post: (path: string, body: Fields) => Promise<number>;
}): Promise<void> => {
	const text = takePrompt(file);
	if (text === undefined) {
		return;
	}

	const code = await post(`/session/${encodeURIComponent(threadId)}/prompt_async`, {parts: [{type: 'text', text}]});
	if (code < 200 || code >= 300) {
		renameSync(takenName(file), file);
		throw new ExpectedError(`OpenCode answered ${code} to its prompt.`, {exitCode: exitCodes.unavailable});
	}
};
