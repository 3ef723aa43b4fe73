import type {AttemptKey} from '../launcher-port.js';
import {isAlive, type ProcessInfo, readEnvironment, readProcess, readProcesses} from './process-table.js';

/** The variables by which a process is known for an attempt's, however far it has daemonised itself. */
export const markers = {runId: 'AGENT_TUI_RUN_ID', generation: 'AGENT_TUI_GENERATION'} as const;

/** The process that was forked for an attempt. `startTicks` guards against another process that got its pid later. */
export type Root = {readonly pid: number; readonly startTicks: number};

/**
 * Everything an attempt started and is still there. Remembers whom it has seen: who leaves the tree between two looks stays a member.
 */
export type ProcessTree = {
	/** Looks at the whole process table. Zombies are gone already; the caller's own process is never a member. */
	members(): Promise<readonly ProcessInfo[]>;
	/** Which of those seen so far are still alive: cheap, but blind to new ones. */
	stillAlive(): readonly ProcessInfo[];
	/** How many processes have been seen in all. */
	readonly seenCount: number;
	/** Signals members, each process once: a group at a stroke when all of it is meant. */
	signal(members: readonly ProcessInfo[], signal: NodeJS.Signals): void;
};

/** The process with this pid as it is now; `undefined` when it has gone already. */
export const rootOf = (pid: number): Root => ({pid, startTicks: readProcess(pid)?.startTicks ?? 0});

const keyOf = ({pid, startTicks}: Root): string => `${pid}@${startTicks}`;

const isMarkedBy = ({runId, generation}: AttemptKey, pid: number): boolean => {
	const environment = readEnvironment(pid);
	if (!environment.includes(`${markers.runId}=${runId}`)) {
		return false;
	}

	const marked = environment.find(pair => pair.startsWith(`${markers.generation}=`));
	return marked === undefined || marked === `${markers.generation}=${generation}`;
};

/** Sends a signal to a process that is still the one that was seen. */
const signalProcess = (process_: ProcessInfo, signal: NodeJS.Signals): void => {
	try {
		if (readProcess(process_.pid)?.startTicks === process_.startTicks) {
			process.kill(process_.pid, signal);
		}
	} catch {
		// It went first, or belongs to another user; the next look counts it.
	}
};

type Candidate = {readonly info: ProcessInfo; readonly isMarked: boolean};

/** All that hang on the seeds: children of members, and whoever shares a session that a member leads. */
const closure = (candidates: readonly Candidate[], isSeed: (candidate: Candidate) => boolean): ProcessInfo[] => {
	const members = new Set<number>();
	const isNew = ({info}: Candidate) => !members.has(info.pid);
	const hangsOn = ({info}: Candidate) => members.has(info.parentPid) || members.has(info.session);
	for (let found = candidates.filter(isSeed); found.length > 0; found = candidates.filter(one => isNew(one) && hangsOn(one))) {
		for (const {info} of found) {
			members.add(info.pid);
		}
	}

	return candidates.filter(({info}) => members.has(info.pid)).map(({info}) => info);
};

const ourselves = (): readonly ProcessInfo[] => [readProcess(process.pid)].filter(isAlive);

const sizesOfGroups = (processes: readonly ProcessInfo[]): Map<number, number> => {
	const sizes = new Map<number, number>();
	for (const {group} of processes) {
		sizes.set(group, (sizes.get(group) ?? 0) + 1);
	}

	return sizes;
};

/**
 * The tree of one attempt, found by parent links, by the session of its pty and by the markers in the environment.
 * Without `root` (the launcher never had that pty) the markers alone must do. Only where /proc is (`hasProcessTable`).
 */
export const createProcessTree = ({root, attempt}: {readonly root: Root | undefined; readonly attempt: AttemptKey}): ProcessTree => {
	const seen = new Map<string, ProcessInfo>();
	/** How many processes each group had at the last look. */
	let groupSizes = new Map<number, number>();

	const isOfRoot = (info: ProcessInfo, isRootReused: boolean): boolean =>
		root !== undefined && !isRootReused && info.session === root.pid && info.startTicks >= root.startTicks;

	return {
		async members() {
			const candidates = await readProcesses(info => ({info, isMarked: isMarkedBy(attempt, info.pid)}));
			const isRootReused = candidates.some(({info}) => info.pid === root?.pid && info.startTicks !== root.startTicks);
			const members = closure(candidates, ({info, isMarked}) => isMarked || seen.has(keyOf(info)) || isOfRoot(info, isRootReused));
			for (const member of members) {
				seen.set(keyOf(member), member);
			}

			// We are nobody's member, so our own group is never meant as a whole.
			groupSizes = sizesOfGroups([...candidates.map(({info}) => info), ...ourselves()]);
			return members;
		},
		stillAlive: () =>
			[...seen.values()].filter(member => {
				const now = readProcess(member.pid);
				return isAlive(now) && now.startTicks === member.startTicks;
			}),
		get seenCount() {
			return seen.size;
		},
		signal(members, signal) {
			const signalled = sizesOfGroups(members);
			const groups = new Set([...signalled].filter(([group, size]) => group > 1 && size === groupSizes.get(group)).map(([group]) => group));
			for (const group of groups) {
				try {
					process.kill(-group, signal);
				} catch {
					// Gone between the look and the signal.
				}
			}

			for (const member of members.filter(({group}) => !groups.has(group))) {
				signalProcess(member, signal);
			}
		},
	};
};
