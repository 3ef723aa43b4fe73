import {nanoid} from 'nanoid';
import type {AttemptKey, PtyExit, Report, StopProof} from '../launcher-port.js';
import type {Log} from '../log.js';
import {launcherReportsOf, makeLauncherFolder} from './launcher-files.js';
import {createListeners} from './listeners.js';
import {openSpool} from './spool.js';

/** What happened to an attempt, before it has a name and a time. */
export type Happening = AttemptKey &
	(
		| {readonly type: 'started'; readonly pid: number}
		| {readonly type: 'spawn-failed'; readonly sentence: string}
		| ({readonly type: 'exited'; readonly proof?: StopProof} & PtyExit)
	);

/** What the launcher has to tell, told at least once to whoever listens. */
export type Reports = {
	/** Tells it once it is on disk. */
	happened(happening: Happening): void;
	/** Hears every unacknowledged report, the older ones before this returns. */
	onReport(listener: (report: Report) => void): () => void;
	acknowledge(ids: readonly string[]): void;
	pending(): readonly Report[];
	/** How many are not acknowledged yet. */
	readonly size: number;
	settled(): Promise<void>;
	close(): Promise<void>;
};

/** Keeps the reports in the launcher's folder, which is made when it is missing. */
export const openReports = ({folder, now, log}: {readonly folder: string; readonly now: () => number; readonly log: Log}): Reports => {
	makeLauncherFolder(folder);
	const listeners = createListeners<Report>({log, what: 'reports'});
	const spool = openSpool({file: launcherReportsOf(folder), onReport: listeners.tell, log});
	return {
		happened(happening) {
			spool.add({...happening, id: `rep_${nanoid()}`, atMs: now()});
		},
		onReport(listener) {
			const older = createListeners<Report>({log, what: 'older reports'});
			older.add(listener);
			for (const report of spool.pending()) {
				older.tell(report);
			}

			return listeners.add(listener);
		},
		acknowledge: spool.acknowledge,
		pending: spool.pending,
		get size() {
			return spool.size;
		},
		settled: spool.settled,
		close: spool.close,
	};
};
