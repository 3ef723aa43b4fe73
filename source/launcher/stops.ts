import type {AttemptKey, StopProof} from '../launcher-port.js';
import type {Root} from './process-tree.js';
import {stopTree} from './stop-tree.js';

/** Stops of living ptys, whose proof belongs into their report of the exit. */
export type Stops = {
	/** Ends an attempt's processes. Never rejects. */
	stop(ptyId: string, options: {readonly root: Root; readonly attempt: AttemptKey; readonly graceMs: number}): Promise<StopProof>;
	/** What the stops asked for so far amounted to, once they are through; `undefined` when none was. Forgets them. */
	proofOf(ptyId: string): Promise<StopProof | undefined>;
};

/** Several stops of one tree, the later ones less patient, saw the same processes. */
const merged = (proofs: readonly StopProof[]): StopProof => ({
	processes: Math.max(...proofs.map(({processes}) => processes)),
	survivors: Math.min(...proofs.map(({survivors}) => survivors)),
	killed: proofs.some(({killed}) => killed),
});

export const createStops = (): Stops => {
	const stops = new Map<string, ReadonlyArray<Promise<StopProof>>>();
	return {
		async stop(ptyId, options) {
			const stopping = stopTree(options);
			stops.set(ptyId, [...(stops.get(ptyId) ?? []), stopping]);
			return stopping;
		},
		async proofOf(ptyId) {
			const stopping = stops.get(ptyId);
			stops.delete(ptyId);
			return stopping && merged(await Promise.all(stopping));
		},
	};
};
