import {render} from 'ink';
import {type ConsoleEnding, type ConsoleOptions, createConsole} from './create-console.js';

export type RunConsoleOptions = ConsoleOptions & {
	/** Called once Ink has left the terminal, before `runConsole` resolves: the place for a last word. */
	readonly onQuit?: (ending: ConsoleEnding) => void | Promise<void>;
};

const hungUp: ConsoleEnding = {how: 'quit', proof: []};

/**
 * Shows the console until the operator leaves, and resolves with how: `quit` (the agents run on) or `stopped` (everything was stopped, and
 * proved so). The terminal stays open: whoever opened it closes it.
 */
export const runConsole = async ({onQuit, ...options}: RunConsoleOptions): Promise<ConsoleEnding['how']> => {
	const {terminal} = options;
	const shown = createConsole(options);
	const app = render(shown.element, {
		// What Ink reads of a stream, the terminal's streams have; the types ask for all a real one has.
		stdin: terminal.stdin as unknown as NodeJS.ReadStream,
		stdout: terminal.stdout as unknown as NodeJS.WriteStream,
		alternateScreen: true,
		incrementalRendering: true,
		interactive: true,
		patchConsole: false,
		exitOnCtrlC: false,
	});
	process.on('SIGCONT', shown.resumed);
	let ending: ConsoleEnding;
	try {
		ending = await Promise.race([shown.ended, app.waitUntilExit().then(() => hungUp)]);
	} finally {
		process.off('SIGCONT', shown.resumed);
		shown.close();
		app.unmount();
	}

	await onQuit?.(ending);
	return ending.how;
};
