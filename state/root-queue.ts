import {createHeap, type Heap} from './heap.js';

/** What the queue needs to know of a run that may start as soon as there is room. */
export type Ready = {
	readonly id: string;
	/** Runs of one class are let through or blocked together: agent and demands. */
	readonly group: string;
	readonly rootId: string;
	/** Place in the order of arrival. */
	readonly order: number;
	readonly sinceMs: number;
};

/** Which runs may start now: a whole class, and within it whole trees. */
export type Gate = {readonly allowsGroup: (group: string) => boolean; readonly allowsRoot: (rootId: string) => boolean};

/** The waiting runs of one root in one class, first come first served; `pass` is the root's virtual time when it was last put in the heap. */
type Line = {readonly rootId: string; readonly runs: Ready[]; head: number; pass: number; isInHeap: boolean};

type Group = {readonly heap: Heap<Line>; readonly lines: Map<string, Line>};

/** Waiting runs, served fairly between root sessions: each root's share is the same however much it asked for. */
export type RootQueue = {
	readonly size: number;
	add(run: Ready): void;
	/** Takes a run out wherever it stands. */
	remove(run: Ready): void;
	/** The run to serve next among those the gate lets through; it stays until `serve`. */
	next(gate: Gate): Ready | undefined;
	/** Takes the run out and charges its root. */
	serve(run: Ready): void;
	/** Takes a charge back: the slot came to nothing. */
	refund(rootId: string): void;
};

const isFirst = (a: Line, b: Line): boolean => a.pass < b.pass || (a.pass === b.pass && a.runs[a.head]!.order < b.runs[b.head]!.order);

export const createRootQueue = (): RootQueue => {
	const groups = new Map<string, Group>();
	/** Slots each root has had, in virtual time; a root that comes back starts level with the others, without credit. */
	const passes = new Map<string, number>();
	/** Taken out, but still standing in their line: by identity, since the same run may come back. */
	const removed = new Set<Ready>();
	let virtualTime = 0;
	let size = 0;

	const groupOf = (name: string): Group => {
		const group = groups.get(name) ?? {heap: createHeap(isFirst), lines: new Map()};
		groups.set(name, group);
		return group;
	};

	const skipRemoved = (line: Line): void => {
		while (line.head < line.runs.length && removed.delete(line.runs[line.head]!)) {
			line.head += 1;
		}

		if (line.head > 64 && line.head * 2 > line.runs.length) {
			line.runs.splice(0, line.head);
			line.head = 0;
		}
	};

	const enter = (group: Group, line: Line): void => {
		line.pass = Math.max(passes.get(line.rootId) ?? 0, virtualTime);
		line.isInHeap = true;
		group.heap.push(line);
	};

	/** The first line of a group that is neither empty, out of date, nor of a blocked root; blocked ones are put back. */
	const firstLine = (group: Group, gate: Gate): Line | undefined => {
		const blocked: Line[] = [];
		let found: Line | undefined;
		for (let line = group.heap.peek(); line && !found; line = group.heap.peek()) {
			skipRemoved(line);
			if (line.head >= line.runs.length) {
				group.heap.pop();
				group.lines.delete(line.rootId);
			} else if (line.pass < (passes.get(line.rootId) ?? 0)) {
				group.heap.pop();
				enter(group, line);
			} else if (gate.allowsRoot(line.rootId)) {
				found = line;
			} else {
				blocked.push(group.heap.pop()!);
			}
		}

		for (const line of blocked) {
			group.heap.push(line);
		}

		return found;
	};

	const takeOut = (run: Ready): void => {
		removed.add(run);
		size -= 1;
	};

	return {
		get size() {
			return size;
		},
		add(run) {
			size += 1;
			const group = groupOf(run.group);
			const line = group.lines.get(run.rootId);
			if (line) {
				line.runs.push(run);
				return;
			}

			const fresh: Line = {rootId: run.rootId, runs: [run], head: 0, pass: 0, isInHeap: false};
			group.lines.set(run.rootId, fresh);
			enter(group, fresh);
		},
		remove: takeOut,
		next(gate) {
			let best: Line | undefined;
			for (const [name, group] of groups) {
				if (!gate.allowsGroup(name)) {
					continue;
				}

				const line = firstLine(group, gate);
				if (line && (!best || isFirst(line, best))) {
					best = line;
				}
			}

			return best?.runs[best.head];
		},
		serve(run) {
			takeOut(run);
			const pass = Math.max(passes.get(run.rootId) ?? 0, virtualTime);
			virtualTime = pass;
			passes.set(run.rootId, pass + 1);
		},
		refund(rootId) {
			passes.set(rootId, Math.max(0, (passes.get(rootId) ?? 0) - 1));
		},
	};
};
