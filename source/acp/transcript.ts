import {visible} from '../../state/view/visible.js';
import {type Fields, fieldsOf, listOf, textOf} from '../untrusted-json.js';

/** What the conversation looks like in the terminal: calm plain text, with everything from the agent made harmless. */
export type Transcript = {
	/** What the agent is asked. */
	prompt(text: string): void;
	/** A piece of what it says (or thinks), as it comes. */
	say(text: string, kind: 'message' | 'thought'): void;
	/** A tool call, told again when its state changes. */
	tool(call: Fields): void;
	plan(entries: unknown): void;
	/** A sentence of ours. */
	note(sentence: string): void;
};

const shown = (text: string): string => visible(text.replaceAll('\r\n', '\n'), {newlines: 'keep'}).replaceAll('\n', '\r\n');

const marks: Readonly<Record<string, string>> = {pending: '·', in_progress: '…', completed: '✓', failed: '✗'};

export const createTranscript = (write: (text: string) => void): Transcript => {
	let isLineStart = true;
	let speaking: 'message' | 'thought' | undefined;
	const toldTools = new Map<string, string>();

	const put = (text: string): void => {
		if (text !== '') {
			write(text);
			isLineStart = text.endsWith('\n');
		}
	};

	const line = (text: string): void => {
		put(`${isLineStart ? '' : '\r\n'}${text}\r\n`);
		speaking = undefined;
	};

	return {
		prompt(text) {
			line(`\r\n> ${shown(text).replaceAll('\r\n', '\r\n  ')}\r\n`);
		},
		say(text, kind) {
			if (kind !== speaking) {
				put(`${isLineStart ? '' : '\r\n'}${kind === 'thought' ? '(thinks) ' : ''}`);
				speaking = kind;
			}

			put(shown(text));
		},
		tool(call) {
			const id = String(call['toolCallId']);
			const status = textOf(call['status']) ?? 'pending';
			const title = textOf(call['title']) ?? textOf(call['kind']) ?? 'tool';
			const text = `${marks[status] ?? '·'} ${shown(title)} [${shown(status.replaceAll('_', ' '))}]`;
			if (toldTools.get(id) !== text) {
				toldTools.set(id, text);
				line(text);
			}
		},
		plan(entries) {
			for (const entry of listOf(entries).map(fieldsOf)) {
				line(`${marks[String(entry['status'])] ?? '·'} ${shown(String(entry['content'] ?? ''))}`);
			}
		},
		note(sentence) {
			line(`— ${shown(sentence)}`);
		},
	};
};
