/**
 * Who waits for whom. An edge `waiter → awaited` exists only while somebody waits, so the graph stays small; it never holds a cycle, because
 * an edge that would close one is refused and leaves no trace.
 */
export type WaitGraph = {
	/**
	 * The cycle that `waiter → awaited` would close, from the waiter round to the waiter again; `undefined` when there is none. Changes
	 * nothing.
	 */
	cycle(waiter: string, awaited: string): readonly string[] | undefined;
	/** Adds an edge that closes no cycle; check first. Adding it twice is adding it once. */
	add(waiter: string, awaited: string): void;
	remove(waiter: string, awaited: string): void;
	/** Forgets a node and everything that waits for it or that it waits for. */
	forget(node: string): void;
	awaitedBy(waiter: string): readonly string[];
	waitersOf(awaited: string): readonly string[];
};

/** Somebody who waits or is awaited. The marks of a search lie on the nodes themselves: that is several times as fast as tables beside them. */
type Node = {
	readonly name: string;
	awaited: Set<Node> | undefined;
	waiters: Set<Node> | undefined;
	/** The last search that came by, and from where. */
	seenBy: number;
	cameFrom: Node | undefined;
};

/** One end of a search: the number it marks nodes with, and the nodes still to look at. */
type Side = {readonly mark: number; readonly open: Node[]};

const nobody: ReadonlySet<Node> = new Set();

const namesOf = (nodes: ReadonlySet<Node> | undefined): readonly string[] => (nodes ? Array.from(nodes, ({name}) => name) : []);

const visit = (side: Side, node: Node, cameFrom: Node | undefined): void => {
	node.seenBy = side.mark;
	node.cameFrom = cameFrom;
	side.open.push(node);
};

/** Looks at the neighbours of a node on one side of a search; answers the first that the other side has seen. */
const advance = (side: Side, other: Side, node: Node, neighbours: ReadonlySet<Node> | undefined): Node | undefined => {
	for (const next of neighbours ?? nobody) {
		if (next.seenBy === other.mark) {
			return next;
		}

		if (next.seenBy !== side.mark) {
			visit(side, next, node);
		}
	}

	return undefined;
};

/** How a search came to a node, from the node back to where it started. */
const wayBack = (node: Node): readonly string[] => {
	const names: string[] = [];
	for (let at: Node | undefined = node; at; at = at.cameFrom) {
		names.push(at.name);
	}

	return names;
};

export const createWaitGraph = (): WaitGraph => {
	const nodes = new Map<string, Node>();
	let marks = 0;

	const nodeOf = (name: string): Node => {
		let node = nodes.get(name);
		if (!node) {
			node = {name, awaited: undefined, waiters: undefined, seenBy: 0, cameFrom: undefined};
			nodes.set(name, node);
		}

		return node;
	};

	/** A path over wait edges, searched from both ends at once: it is over as soon as the smaller side is. Each node is looked at once. */
	const path = (from: Node, to: Node): readonly string[] | undefined => {
		const [ahead, back]: [Side, Side] = [
			{mark: marks + 1, open: []},
			{mark: marks + 2, open: []},
		];
		marks += 2;
		visit(ahead, from, undefined);
		visit(back, to, undefined);
		while (ahead.open.length > 0 && back.open.length > 0) {
			const before = ahead.open.pop()!;
			const after = advance(ahead, back, before, before.awaited);
			if (after) {
				return [...wayBack(before).toReversed(), ...wayBack(after)];
			}

			const later = back.open.pop()!;
			const earlier = advance(back, ahead, later, later.waiters);
			if (earlier) {
				return [...wayBack(earlier).toReversed(), ...wayBack(later)];
			}
		}

		return undefined;
	};

	const forgetLoose = (node: Node): void => {
		if (!node.awaited?.size && !node.waiters?.size) {
			nodes.delete(node.name);
		}
	};

	const unlink = (from: Node, to: Node): void => {
		from.awaited?.delete(to);
		to.waiters?.delete(from);
		forgetLoose(from);
		forgetLoose(to);
	};

	return {
		cycle(waiter, awaited) {
			if (waiter === awaited) {
				return [waiter, waiter];
			}

			const [from, to] = [nodes.get(awaited), nodes.get(waiter)];
			// Nobody waits for the waiter, or the awaited waits for nobody: neither can lie on a cycle.
			if (!from?.awaited?.size || !to?.waiters?.size) {
				return undefined;
			}

			const back = path(from, to);
			return back && [waiter, ...back];
		},
		add(waiter, awaited) {
			const [from, to] = [nodeOf(waiter), nodeOf(awaited)];
			from.awaited ??= new Set();
			from.awaited.add(to);
			to.waiters ??= new Set();
			to.waiters.add(from);
		},
		remove(waiter, awaited) {
			const [from, to] = [nodes.get(waiter), nodes.get(awaited)];
			if (from && to) {
				unlink(from, to);
			}
		},
		forget(name) {
			const node = nodes.get(name);
			for (const awaited of [...(node?.awaited ?? [])]) {
				unlink(node!, awaited);
			}

			for (const waiter of [...(node?.waiters ?? [])]) {
				unlink(waiter, node!);
			}
		},
		awaitedBy: waiter => namesOf(nodes.get(waiter)?.awaited),
		waitersOf: awaited => namesOf(nodes.get(awaited)?.waiters),
	};
};
