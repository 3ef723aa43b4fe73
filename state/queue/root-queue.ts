import {createHeap, type Heap, type HeapNode, isBefore} from './heap.js';
import {addToLine, createRunLine, leaveLine, type RunLine, type Waiting} from './run-line.js';
import {charge, createShare, giveBack, level, type Share} from './share.js';

/** Which runs may start now: a whole class, and within it whole trees. */
export type Gate = {readonly allowsGroup: (group: string) => boolean; readonly allowsRoot: (rootId: string) => boolean};

/** A root session: what it has had so far, and its lines, one in each class it has waiting runs in. */
type Root = {readonly id: string; readonly share: Share; readonly lines: Line[]};

/** The waiting runs of one root in one class, first come first served, with its places in the heaps of that class. */
type Line = {
	readonly root: Root;
	readonly group: Group;
	readonly runs: RunLine;
	inTurn: HeapNode<Line> | undefined;
	byAge: HeapNode<Line> | undefined;
};

type Group = {readonly name: string; readonly lines: Map<string, Line>; readonly inTurn: Heap<Line>; readonly byAge: Heap<Line>};

/** What a service of a root changes beyond the run itself. */
export type Ledger = {readonly share: Share; readonly virtualTime: number};

/** Waiting runs, served fairly between root sessions: each root's share is the same however much it asked for. */
export type RootQueue = {
	readonly size: number;
	add(entry: Waiting): void;
	/** Takes a run out wherever it stands. */
	remove(entry: Waiting): void;
	/** The run to serve next among those the gate lets through; it stays until `serve`. */
	next(gate: Gate): Waiting | undefined;
	/** The one that waits longest among the first of each root, if it came before `beforeMs` and the gate lets it through. */
	oldest(gate: Gate, beforeMs: number): Waiting | undefined;
	/**
	 * Takes the run out and charges its root. One that may be served for another reason than its turn, and whose root is not next anyway, does
	 * not move the time by which the others are measured.
	 */
	serve(entry: Waiting, isTurn: boolean): void;
	/** Charges a root for a slot that a run had without standing here. */
	charge(rootId: string): void;
	/** Takes a charge back: the slot came to nothing. */
	refund(rootId: string): void;
	ledgerOf(rootId: string): Ledger;
	/** Undoes the latest service: the root has had what it had before, and the run, if it stood here, stands where it stood. */
	undo(rootId: string, before: Ledger, entry: Waiting | undefined): void;
};

const leastToSweep = 256;

const firstOf = (line: Line): Waiting => line.runs.first!;

const createGroup = (name: string): Group => ({name, lines: new Map(), inTurn: createHeap(), byAge: createHeap()});

const updateTurn = (line: Line): void => {
	line.group.inTurn.update(line.inTurn!, line.root.share.pass, firstOf(line).run.order);
};

/** The root's share has changed: so has the place of each of its lines. */
const updateTurns = ({lines}: Root): void => {
	for (const line of lines) {
		updateTurn(line);
	}
};

const updateAge = (line: Line): void => {
	const {sinceMs, order} = firstOf(line).run;
	line.group.byAge.update(line.byAge!, sinceMs, order);
};

export const createRootQueue = (): RootQueue => {
	const groups = new Map<string, Group>();
	const roots = new Map<string, Root>();
	let sweepAt = leastToSweep;
	/** What the root served last in turn had had before: whoever comes now starts there. */
	let virtualTime = 0;
	let size = 0;

	/** Forgets the roots that have no runs here and are not ahead of the others: they would start level anyway. */
	const sweep = (): void => {
		for (const [id, {lines, share}] of roots) {
			if (lines.length === 0 && share.pass <= virtualTime && share.credit === 0) {
				roots.delete(id);
			}
		}

		sweepAt = Math.max(leastToSweep, roots.size * 2);
	};

	const rootOf = (id: string): Root => {
		let root = roots.get(id);
		if (!root) {
			if (roots.size >= sweepAt) {
				sweep();
			}

			root = {id, share: createShare(), lines: []};
			roots.set(id, root);
		}

		return root;
	};

	const groupOf = (name: string): Group => {
		let group = groups.get(name);
		if (!group) {
			group = createGroup(name);
			groups.set(name, group);
		}

		return group;
	};

	const openLine = (group: Group, root: Root, entry: Waiting): void => {
		const runs = createRunLine();
		addToLine(runs, entry);
		const line: Line = {root, group, runs, inTurn: undefined, byAge: undefined};
		line.inTurn = group.inTurn.push(line, root.share.pass, entry.run.order);
		line.byAge = group.byAge.push(line, entry.run.sinceMs, entry.run.order);
		group.lines.set(root.id, line);
		root.lines.push(line);
	};

	const closeLine = (line: Line): void => {
		const {group, root} = line;
		group.inTurn.remove(line.inTurn!);
		group.byAge.remove(line.byAge!);
		group.lines.delete(root.id);
		root.lines.splice(root.lines.indexOf(line), 1);
		if (group.lines.size === 0) {
			groups.delete(group.name);
		}
	};

	const insert = (entry: Waiting, isReturn: boolean): void => {
		size += 1;
		const group = groupOf(entry.run.group);
		const line = group.lines.get(entry.run.rootId);
		if (!line) {
			const root = rootOf(entry.run.rootId);
			if (root.lines.length === 0 && !isReturn) {
				level(root.share, virtualTime);
			}

			openLine(group, root, entry);
		} else if (addToLine(line.runs, entry)) {
			updateTurn(line);
			updateAge(line);
		}
	};

	const lineOf = ({run}: Waiting): Line => groups.get(run.group)!.lines.get(run.rootId)!;

	/** Takes a run out. If its line stays, its turn is still to be updated; that it is younger now shows when somebody asks for its age. */
	const takeOut = (entry: Waiting, line: Line): void => {
		size -= 1;
		entry.isWaiting = false;
		leaveLine(line.runs, entry);
		if (!line.runs.first) {
			closeLine(line);
		} else if (firstOf(line).run.sinceMs < line.byAge!.key) {
			updateAge(line);
		}
	};

	/** The oldest line of a group, if it is old enough. A line whose head has left may stand too far to the front: it is put right on the way. */
	const oldestIn = ({byAge}: Group, gate: Gate, beforeMs: number): HeapNode<Line> | undefined => {
		for (;;) {
			const node = byAge.first(({root}) => gate.allowsRoot(root.id));
			if (!node || node.key > beforeMs) {
				return undefined;
			}

			if (node.tie === firstOf(node.item).run.order) {
				return node;
			}

			updateAge(node.item);
		}
	};

	return {
		get size() {
			return size;
		},
		add(entry) {
			if (size === 0) {
				// Nobody competes: what anybody had before counts no longer.
				roots.clear();
				virtualTime = 0;
			}

			insert(entry, false);
		},
		remove(entry) {
			const line = lineOf(entry);
			takeOut(entry, line);
			updateTurns(line.root);
		},
		next(gate) {
			let best: HeapNode<Line> | undefined;
			for (const {name, inTurn} of groups.values()) {
				const node = gate.allowsGroup(name) ? inTurn.first(({root}) => gate.allowsRoot(root.id)) : undefined;
				if (node && (!best || isBefore(node, best))) {
					best = node;
				}
			}

			return best?.item.runs.first;
		},
		oldest(gate, beforeMs) {
			let best: HeapNode<Line> | undefined;
			for (const group of groups.values()) {
				const mayBeOld = group.byAge.peek()!.key <= beforeMs;
				const node = mayBeOld && gate.allowsGroup(group.name) ? oldestIn(group, gate, beforeMs) : undefined;
				if (node && (!best || isBefore(node, best))) {
					best = node;
				}
			}

			return best?.item.runs.first;
		},
		serve(entry, isTurn) {
			const line = lineOf(entry);
			const movesTime = isTurn || line.group.inTurn.peek() === line.inTurn;
			takeOut(entry, line);
			level(line.root.share, virtualTime);
			virtualTime = movesTime ? Math.max(virtualTime, line.root.share.pass) : virtualTime;
			charge(line.root.share, 1, virtualTime);
			updateTurns(line.root);
		},
		charge(rootId) {
			const root = rootOf(rootId);
			charge(root.share, 1, virtualTime);
			updateTurns(root);
		},
		refund(rootId) {
			const root = rootOf(rootId);
			giveBack(root.share, 1);
			updateTurns(root);
		},
		ledgerOf: rootId => ({share: {...(roots.get(rootId)?.share ?? createShare())}, virtualTime}),
		undo(rootId, before, entry) {
			const root = rootOf(rootId);
			Object.assign(root.share, before.share);
			virtualTime = before.virtualTime;
			if (entry) {
				entry.isWaiting = true;
				insert(entry, true);
			}

			updateTurns(root);
		},
	};
};
