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

const link = (edges: Map<string, Set<string>>, from: string, to: string): void => {
	const targets = edges.get(from) ?? new Set();
	targets.add(to);
	edges.set(from, targets);
};

const unlink = (edges: Map<string, Set<string>>, from: string, to: string): void => {
	const targets = edges.get(from);
	targets?.delete(to);
	if (targets?.size === 0) {
		edges.delete(from);
	}
};

export const createWaitGraph = (): WaitGraph => {
	const awaited = new Map<string, Set<string>>();
	const waiters = new Map<string, Set<string>>();

	/** A path over wait edges, found depth first without recursion; each node is looked at once. */
	const path = (from: string, to: string): readonly string[] | undefined => {
		const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
		const open = [from];
		for (let node = open.pop(); node !== undefined; node = open.pop()) {
			if (node === to) {
				const found: string[] = [];
				for (let at: string | undefined = node; at !== undefined; at = cameFrom.get(at)) {
					found.unshift(at);
				}

				return found;
			}

			for (const next of awaited.get(node) ?? []) {
				if (!cameFrom.has(next)) {
					cameFrom.set(next, node);
					open.push(next);
				}
			}
		}

		return undefined;
	};

	const remove = (waiter: string, target: string): void => {
		unlink(awaited, waiter, target);
		unlink(waiters, target, waiter);
	};

	return {
		cycle(waiter, target) {
			if (waiter === target) {
				return [waiter, waiter];
			}

			// Nobody waits for the waiter, or the awaited waits for nobody: neither can lie on a cycle.
			if (!waiters.has(waiter) || !awaited.has(target)) {
				return undefined;
			}

			const back = path(target, waiter);
			return back && [waiter, ...back];
		},
		add(waiter, target) {
			link(awaited, waiter, target);
			link(waiters, target, waiter);
		},
		remove,
		forget(node) {
			for (const target of [...(awaited.get(node) ?? [])]) {
				remove(node, target);
			}

			for (const waiter of [...(waiters.get(node) ?? [])]) {
				remove(waiter, node);
			}
		},
		awaitedBy: waiter => [...(awaited.get(waiter) ?? [])],
		waitersOf: node => [...(waiters.get(node) ?? [])],
	};
};
