import {DamagedFile} from './durable-file.js';

type Json = Record<string, unknown>;

/** The format of snapshots that this program writes. Raise it with a step in `steps` when the layout of the folder changes. */
export const snapshotFormat = 1;

/** Format 0 kept the parts of State beside the journal's position, and had no checksum. */
const fromFormat0 = ({format: _, seq, crc, ...state}: Json): Json => {
	if (typeof state['version'] !== 'number' || typeof state['sessions'] !== 'object' || 'check' in state) {
		throw new DamagedFile('it calls itself format 0 but does not look like it');
	}

	return {format: 1, seq, crc, state};
};

/** What lifts a snapshot of format N to N + 1, at place N. Members that a step does not know are passed on. */
const steps: ReadonlyArray<(old: Json) => Json> = [fromFormat0];

/** A snapshot of an older format (or the current one) in the current format. Throws `DamagedFile` when it is not what it says. */
export const migrate = (data: Json & {readonly format: number}): Json =>
	steps.slice(data.format).reduce((old: Json, step) => step(old), data);
