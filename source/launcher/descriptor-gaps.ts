import {closeSync, openSync, readdirSync} from 'node:fs';

const highestOpen = (): number => Math.max(...readdirSync('/proc/self/fd').map(Number));

/** A pty takes two numbers: its own and, for a moment, its other side's. */
const numbersOfPty = 2;

/** Opens files until no number up to the highest open one is free. Node marks what it opens to be closed in children. */
const fillGaps = (plugs: number[]): void => {
	const highest = highestOpen();
	try {
		for (let plug = -1; plug < highest; plugs.push(plug)) {
			plug = openSync('/dev/null', 'r');
		}
	} catch {
		// Something is open beyond the limit of this process; below the limit every number is taken now.
		plugs.splice(-numbersOfPty).forEach(plug => {
			closeSync(plug);
		});
	}
};

/**
 * Forks while this process has no gap among its open descriptors. node-pty's binary for Linux marks inherited descriptors one by one
 * and stops at the first gap it meets above 15: everything after a gap, other agents' ptys among it, would be open in the new agent.
 * Throws what `fork` throws.
 */
export const forkWithoutGaps = <T>(fork: () => T): T => {
	if (process.platform !== 'linux') {
		return fork();
	}

	const plugs: number[] = [];
	try {
		fillGaps(plugs);
		return fork();
	} finally {
		for (const plug of plugs) {
			closeSync(plug);
		}
	}
};
