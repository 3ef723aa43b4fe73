import {setTimeout as delay} from 'node:timers/promises';
import type {AttemptKey, StopProof} from '../launcher-port.js';
import {hasProcessTable} from './process-table.js';
import {createProcessTree, type ProcessTree, type Root} from './process-tree.js';

/** How often known processes are looked after, how often the whole table is read for new ones, and how long SIGKILL may take. */
const lookMs = 20;
const sweepMs = 250;
const killWithinMs = 3000;

const now = (): number => performance.now();

/** Asks members to end. A stopped process hears SIGTERM only when it is continued. */
const terminate = (tree: ProcessTree, members: Awaited<ReturnType<ProcessTree['members']>>): void => {
	tree.signal(members, 'SIGTERM');
	tree.signal(
		members.filter(({state}) => state === 'T' || state === 't'),
		'SIGCONT',
	);
};

/**
 * Asks everybody to end and waits until all have gone, or `graceMs` have passed; says which. Whom the asked ones start meanwhile may be
 * their way of ending well, so those are asked only once none of the others is left.
 */
const endsWithin = async (tree: ProcessTree, graceMs: number): Promise<boolean> => {
	const asked = new Set<number>();
	const deadline = now() + graceMs;
	for (;;) {
		const members = await tree.members();
		if (members.length === 0) {
			return true;
		}

		if (now() >= deadline) {
			return false;
		}

		if (!members.some(({pid}) => asked.has(pid))) {
			terminate(tree, members);
			for (const {pid} of members) {
				asked.add(pid);
			}
		}

		const nextSweep = Math.min(deadline, now() + sweepMs);
		while (now() < nextSweep && tree.stillAlive().length > 0) {
			await delay(lookMs);
		}
	}
};

/** Kills what is left, again and again until nothing is, or nothing more can be done. Returns how many survived. */
const killAll = async (tree: ProcessTree): Promise<number> => {
	const deadline = now() + killWithinMs;
	for (;;) {
		const members = await tree.members();
		if (members.length === 0 || now() >= deadline) {
			return members.length;
		}

		tree.signal(members, 'SIGKILL');
		await delay(lookMs);
	}
};

const isGroupAlive = (group: number): boolean => {
	try {
		process.kill(-group, 0);
		return true;
	} catch {
		return false;
	}
};

const signalGroup = (group: number, signal: NodeJS.Signals): void => {
	try {
		process.kill(-group, signal);
	} catch {
		// Gone already.
	}
};

/** Where there is no /proc: the group that the pty's child leads, counted as one. */
const stopGroup = async (group: number, graceMs: number): Promise<StopProof> => {
	if (!isGroupAlive(group)) {
		return {processes: 0, survivors: 0, killed: false};
	}

	const goneWithin = async (milliseconds: number) => {
		const deadline = now() + milliseconds;
		while (isGroupAlive(group) && now() < deadline) {
			await delay(lookMs);
		}

		return !isGroupAlive(group);
	};

	signalGroup(group, 'SIGTERM');
	signalGroup(group, 'SIGCONT');
	if (await goneWithin(graceMs)) {
		return {processes: 1, survivors: 0, killed: false};
	}

	signalGroup(group, 'SIGKILL');
	return {processes: 1, survivors: (await goneWithin(killWithinMs)) ? 0 : 1, killed: true};
};

/**
 * Ends everything an attempt started: SIGTERM to groups and strays, SIGKILL after `graceMs`, looking again until nothing is left.
 * `root` may be unknown or long gone. Never rejects: what could not be ended is counted in the proof.
 */
export const stopTree = async ({
	root,
	attempt,
	graceMs,
}: {
	readonly root: Root | undefined;
	readonly attempt: AttemptKey;
	readonly graceMs: number;
}): Promise<StopProof> => {
	if (!hasProcessTable) {
		return root ? stopGroup(root.pid, graceMs) : {processes: 0, survivors: 0, killed: false};
	}

	const tree = createProcessTree({root, attempt});
	const hasEnded = await endsWithin(tree, graceMs);
	const survivors = hasEnded ? 0 : await killAll(tree);
	return {processes: tree.seenCount, survivors, killed: !hasEnded};
};
