import {type ExitCode, ExpectedError, exitCodes} from '../errors.js';

/** Why a command of agentctl did not do what was asked, with the stable code that scripts read. */
export class CtlFailure extends ExpectedError {
	override readonly name: string = 'CtlFailure';
	readonly code: string;

	constructor(code: string, message: string, options: {hint?: string; exitCode?: ExitCode; cause?: unknown} = {}) {
		super(message, options);
		this.code = code;
	}
}

/** The coordinator went away or was never there. */
export class Unreachable extends CtlFailure {
	override readonly name = 'Unreachable';
	/** It had been reached before the connection broke: what was asked may have happened. */
	readonly wasReached: boolean;

	constructor(message: string, {wasReached, cause}: {wasReached: boolean; cause?: unknown}) {
		super('UNAVAILABLE', message, {
			hint: 'Start the console (agent-tui) or agentd for this folder, or name another with --state-dir or --url.',
			exitCode: exitCodes.unavailable,
			cause,
		});
		this.wasReached = wasReached;
	}
}

/** The command line was not understood. */
export const usage = (message: string, hint = 'See agentctl --help.'): CtlFailure =>
	new CtlFailure('USAGE', message, {hint, exitCode: exitCodes.usage});
