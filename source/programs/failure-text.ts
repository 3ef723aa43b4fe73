import {type ExitCode, ExpectedError, exitCodes} from '../errors.js';

/** How an error is told on a terminal that has no console on it: what, why, what to do; and the exit code that goes with it. */
export const failureText = (error: unknown): {readonly text: string; readonly exitCode: ExitCode} => {
	if (error instanceof ExpectedError) {
		const hint = error.hint === undefined ? '' : `\n${error.hint}`;
		return {text: `agent-tui: ${error.message}${hint}\n`, exitCode: error.exitCode};
	}

	const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return {text: `agent-tui: something unexpected went wrong.\n${detail}\n`, exitCode: exitCodes.internal};
};
