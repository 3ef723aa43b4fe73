import process from 'node:process';
import {createInterface} from 'node:readline';

/** Lines that come together, such as a pasted text, are one prompt. */
const togetherMs = 50;

/**
 * Reads prompts from this terminal. Escape and Ctrl-C interrupt; Ctrl-C while there is nothing to interrupt, or the end of the input,
 * is the end.
 */
export const readPrompts = ({
	onPrompt,
	onInterrupt,
	onEnd,
}: {
	readonly onPrompt: (text: string) => void;
	/** `false` when there was nothing to interrupt. */
	readonly onInterrupt: () => boolean;
	readonly onEnd: () => void;
}): {showPrompt(): void; close(): void} => {
	const lines: string[] = [];
	let timer: NodeJS.Timeout | undefined;
	const reader = createInterface({input: process.stdin, output: process.stdout, terminal: process.stdin.isTTY === true, prompt: '> '});

	const submit = (): void => {
		const text = lines.splice(0).join('\n').trim();
		if (text !== '') {
			onPrompt(text);
		}
	};

	const interrupt = (): void => {
		if (!onInterrupt()) {
			onEnd();
		}
	};

	const onKey = (_: unknown, key: {readonly name?: string} | undefined): void => {
		if (key?.name === 'escape') {
			onInterrupt();
		}
	};

	reader.on('line', line => {
		lines.push(line);
		clearTimeout(timer);
		timer = setTimeout(submit, togetherMs);
	});
	reader.on('SIGINT', interrupt);
	reader.on('close', onEnd);
	process.stdin.on('keypress', onKey);
	return {
		showPrompt: () => reader.prompt(true),
		close() {
			clearTimeout(timer);
			process.stdin.off('keypress', onKey);
			reader.off('close', onEnd);
			reader.close();
		},
	};
};
