/** Exit codes of every bin, as the readme documents them. 64 and up follow BSD's sysexits. */
export const exitCodes = {
	ok: 0,
	failure: 1,
	usage: 2,
	denied: 10,
	notDecided: 11,
	unavailable: 69,
	internal: 70,
	cannotCreate: 73,
	ioError: 74,
	locked: 75,
	config: 78,
	/** A wait ran out of its own time, as timeout(1) says it; nothing was changed. */
	timedOut: 124,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * A broken expectation, told to a person: `message` says what we were doing to what and why it failed, `hint` what to do,
 * `cause` holds the original error.
 */
export class ExpectedError extends Error {
	override readonly name: string = 'ExpectedError';
	readonly hint: string | undefined;
	readonly exitCode: ExitCode;

	constructor(message: string, {hint, exitCode = exitCodes.failure, cause}: {hint?: string; exitCode?: ExitCode; cause?: unknown} = {}) {
		super(message, cause === undefined ? undefined : {cause});
		this.hint = hint;
		this.exitCode = exitCode;
	}
}

/** The `code` of a system error (`ENOENT`, `EADDRINUSE`, …), if it is one. */
export const systemErrorCode = (error: unknown): string | undefined =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
