import type {Pty} from './open-pty.js';
import type {Screen} from './screen.js';
import {typedLine} from './typed-line.js';

/** A program needs a moment to take a text in; a submit in the same read would be part of it. */
const longestEchoMs = 150;

/** Resolves when the agent has drawn something, or has had time enough to. */
const untilDrawn = async (screen: Screen): Promise<void> =>
	new Promise(resolve => {
		const done = () => {
			clearTimeout(timer);
			stopListening();
			resolve();
		};

		const timer = setTimeout(done, longestEchoMs);
		const stopListening = screen.onParsed(done);
	});

const typeOne = async (pty: Pty, screen: Screen, line: string): Promise<void> => {
	// What the agent said last decides how it wants its text.
	await screen.parsed();
	const {text, submit} = typedLine(line, {isBracketed: screen.bracketedPaste});
	pty.write(text);
	await pty.flushed();
	if (text.length > 0) {
		await untilDrawn(screen);
	}

	pty.write(submit);
	await pty.flushed();
};

/** Types lines for an agent and submits each. Lines asked for at the same time follow one another, whole. Resolves when written. */
export const createLineTyper = ({pty, screen}: {readonly pty: Pty; readonly screen: Screen}): ((line: string) => Promise<void>) => {
	let last = Promise.resolve();
	return async line => {
		const typed = last.then(async () => typeOne(pty, screen, line));
		last = typed.catch(() => {});
		return typed;
	};
};
