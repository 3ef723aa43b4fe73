import process from 'node:process';
import {restoreSequence} from '../terminal/restore-sequence.js';

/** `agent-tui reset`: puts a terminal right that a killed console left with its modes on. */
export const main = async (): Promise<number> => {
	process.stdout.write(restoreSequence({onAlternateScreen: true, attached: true}));
	return 0;
};
