import {readFileSync} from 'node:fs';
import {type FileHandle, open, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import type {Report} from '../launcher-port.js';
import type {Log} from '../log.js';
import {parseReport} from './wire-values.js';

/** Reports that nobody has acknowledged yet, on disk and in memory. */
export type Spool = {
	/** Makes a report durable, then tells it. Reports are told in the order they were added. */
	add(report: Report): void;
	/** Drops reports for good. Unknown ids are ignored. */
	acknowledge(ids: readonly string[]): void;
	/** What has been told and not acknowledged, oldest first; what an earlier launcher left comes before our own. */
	pending(): readonly Report[];
	/** How many reports wait for the disk or for an acknowledgement. */
	readonly size: number;
	/** Resolves once everything added so far has been told. */
	settled(): Promise<void>;
	close(): Promise<void>;
};

type Line = {readonly report: Report} | {readonly acknowledged: readonly string[]};

/** So many dead lines make the file worth writing anew. */
const mostDeadLines = 500;

const parseLine = (line: string): {readonly report: Report | undefined; readonly acknowledged: readonly string[]} => {
	try {
		const {report, acknowledged} = JSON.parse(line) as Record<string, unknown>;
		return {
			report: report === undefined ? undefined : parseReport(report),
			acknowledged: Array.isArray(acknowledged) ? acknowledged.map(String) : [],
		};
	} catch {
		return {report: undefined, acknowledged: []};
	}
};

/** What an earlier launcher left. A torn line is skipped: its report was never told, for its write never ended. */
const readPending = (file: string): Map<string, Report> => {
	const pending = new Map<string, Report>();
	let text = '';
	try {
		text = readFileSync(file, 'utf8');
	} catch (cause) {
		if (systemErrorCode(cause) !== 'ENOENT') {
			throw new ExpectedError(`Could not read the unacknowledged reports in ${file}.`, {
				hint: 'Make the file readable for this user, or move it away.',
				exitCode: exitCodes.ioError,
				cause,
			});
		}
	}

	for (const {report, acknowledged} of text.split('\n').map(parseLine)) {
		if (report) {
			pending.set(report.id, report);
		}

		for (const id of acknowledged) {
			pending.delete(id);
		}
	}

	return pending;
};

const textOf = (lines: readonly Line[]): string => lines.map(line => `${JSON.stringify(line)}\n`).join('');

/** Replaces the file by these lines, whole or not at all, and returns it open for more. */
const rewrite = async (file: string, lines: readonly Line[]): Promise<FileHandle> => {
	const temporary = `${file}.new`;
	await rm(temporary, {force: true});
	const handle = await open(temporary, 'ax', 0o600);
	try {
		await handle.appendFile(textOf(lines));
		await handle.datasync();
		await rename(temporary, file);
		const folder = await open(path.dirname(file));
		await folder.sync().finally(async () => folder.close());
		return handle;
	} catch (error) {
		await handle.close();
		throw error;
	}
};

/**
 * Opens the spool of a launcher in a folder that exists; the file is 0600. `onReport` hears every report that was added here
 * once it is on disk. When the disk refuses, the report is told all the same and kept in memory, and the file is mended at the next
 * chance: a late answer is worse than one that might be told twice.
 */
export const openSpool = ({
	file,
	onReport,
	log,
}: {
	readonly file: string;
	readonly onReport: (report: Report) => void;
	readonly log: Log;
}): Spool => {
	const pending = readPending(file);
	const queue: Line[] = [];
	let handle: FileHandle | undefined;
	let deadLines = 0;
	let untold = 0;
	let writing: Promise<void> | undefined;

	const store = async (batch: readonly Line[]) => {
		if (handle && deadLines <= mostDeadLines) {
			await handle.appendFile(textOf(batch));
			await handle.datasync();
			return;
		}

		await handle?.close();
		handle = undefined;
		handle = await rewrite(file, [...[...pending.values()].map(report => ({report})), ...batch.filter(line => 'report' in line)]);
		deadLines = 0;
	};

	const writeQueue = async () => {
		while (queue.length > 0) {
			const batch = queue.splice(0);
			try {
				await store(batch);
			} catch (error) {
				log(`Could not write ${file}; reports are kept in memory.`, error);
				await handle?.close().catch(() => {});
				handle = undefined;
			}

			for (const line of batch) {
				if ('report' in line) {
					pending.set(line.report.id, line.report);
					untold -= 1;
					onReport(line.report);
				} else {
					deadLines += 1 + line.acknowledged.length;
				}
			}
		}

		writing = undefined;
	};

	const push = (line: Line) => {
		queue.push(line);
		writing ??= writeQueue();
	};

	return {
		add(report) {
			untold += 1;
			push({report});
		},
		acknowledge(ids) {
			const acknowledged = ids.filter(id => pending.delete(id));
			if (acknowledged.length > 0) {
				push({acknowledged});
			}
		},
		pending: () => [...pending.values()],
		get size() {
			return pending.size + untold;
		},
		async settled() {
			await writing;
		},
		async close() {
			await writing;
			await handle?.close();
			handle = undefined;
		},
	};
};
