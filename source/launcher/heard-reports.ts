import type {Report} from '../launcher-port.js';
import type {Log} from '../log.js';
import {createListeners} from './listeners.js';

/** The reports a client has heard and nobody on its side has acknowledged. */
export type HeardReports = {
	heard(report: Report): void;
	/** Hears every unacknowledged report, the older ones before this returns. */
	onReport(listener: (report: Report) => void): () => void;
	acknowledge(ids: readonly string[]): void;
	/** Connected again: what was acknowledged meanwhile is said now. */
	up(): void;
	down(): void;
};

/** `send` returns whether the acknowledgement could be sent. */
export const createHeardReports = ({send, log}: {readonly send: (ids: readonly string[]) => boolean; readonly log: Log}): HeardReports => {
	const listeners = createListeners<Report>({log, what: 'reports'});
	const unacknowledged = new Map<string, Report>();
	/** Acknowledged while nobody could hear it: the launcher will tell these again. */
	let unsent = new Set<string>();

	return {
		heard(report) {
			if (!unsent.has(report.id)) {
				unacknowledged.set(report.id, report);
				listeners.tell(report);
			}
		},
		onReport(listener) {
			const older = createListeners<Report>({log, what: 'older reports'});
			older.add(listener);
			for (const report of [...unacknowledged.values()]) {
				older.tell(report);
			}

			return listeners.add(listener);
		},
		acknowledge(ids) {
			for (const id of ids) {
				unacknowledged.delete(id);
			}

			if (!send(ids)) {
				unsent = new Set([...unsent, ...ids]);
			}
		},
		up() {
			// Kept for as long as this connection lasts: the same reports may be on their way to us now.
			if (unsent.size > 0) {
				send([...unsent]);
			}
		},
		down() {
			unsent = new Set();
		},
	};
};
