import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';

const needsSpace = (code: string | undefined): boolean => code === 'ENOSPC' || code === 'EDQUOT';

const needsHandles = (code: string | undefined): boolean => code === 'EMFILE' || code === 'ENFILE';

const hintFor = (code: string | undefined, folder: string): string => {
	if (needsSpace(code)) {
		return `Free some space on the disk that holds ${folder}; facts are taken again by themselves once there is room.`;
	}

	return needsHandles(code)
		? 'Raise the limit of open files (ulimit -n), or stop some agents; facts are taken again by themselves.'
		: `Check the disk that holds ${folder}; facts are taken again by themselves once a test file can be written there.`;
};

/** The disk did not take facts: what was being appended was not kept, and nothing is until the store says that it has recovered. */
export class StoreFailure extends ExpectedError {
	override readonly name = 'StoreFailure';
	/** The system's code of the first error, such as `ENOSPC`. */
	readonly code: string | undefined;

	constructor({folder, cause}: {folder: string; cause: unknown}) {
		const why = cause instanceof Error ? cause.message : String(cause);
		super(`Could not write facts to the journal in ${folder}: ${why}`, {
			hint: hintFor(systemErrorCode(cause), folder),
			exitCode: exitCodes.ioError,
			cause,
		});
		this.code = systemErrorCode(cause);
	}
}

/** What is kept in the store's folder cannot be trusted or understood; nothing was changed. */
export const damagedStore = (what: string, {cause, hint}: {cause?: unknown; hint?: string} = {}): ExpectedError =>
	new ExpectedError(what, {
		hint:
			hint ??
			'Nothing was changed. Keep a copy of the folder, then restore it from a backup, or move it away to start with an empty store.',
		exitCode: exitCodes.ioError,
		cause,
	});
