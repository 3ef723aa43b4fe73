/** An element with its place in the heap, kept right by the heap alone. */
export type HeapNode<Item> = {readonly item: Item; at: number};

/** A binary heap: the least element by `isBefore` first; each can be moved or taken out by its node. */
export type Heap<Item> = {
	readonly size: number;
	push(item: Item): HeapNode<Item>;
	peek(): Item | undefined;
	pop(): Item | undefined;
	/** The least element that is accepted. It looks only below those that are not. */
	first(accepts: (item: Item) => boolean): Item | undefined;
	/** Puts an element where it belongs now; to be called as soon as its rank has changed. */
	update(node: HeapNode<Item>): void;
	remove(node: HeapNode<Item>): void;
};

export const createHeap = <Item>(isBefore: (a: Item, b: Item) => boolean): Heap<Item> => {
	const nodes: HeapNode<Item>[] = [];

	const put = (node: HeapNode<Item>, at: number): void => {
		nodes[at] = node;
		node.at = at;
	};

	const rise = (node: HeapNode<Item>): void => {
		let {at} = node;
		while (at > 0) {
			const parent = nodes[(at - 1) >> 1]!;
			if (!isBefore(node.item, parent.item)) {
				break;
			}

			const above = parent.at;
			put(parent, at);
			at = above;
		}

		put(node, at);
	};

	const sink = (node: HeapNode<Item>): void => {
		let {at} = node;
		for (let child = 2 * at + 1; child < nodes.length; child = 2 * at + 1) {
			const hasLesserTwin = child + 1 < nodes.length && isBefore(nodes[child + 1]!.item, nodes[child]!.item);
			const least = nodes[hasLesserTwin ? child + 1 : child]!;
			if (!isBefore(least.item, node.item)) {
				break;
			}

			const below = least.at;
			put(least, at);
			at = below;
		}

		put(node, at);
	};

	const update = (node: HeapNode<Item>): void => {
		const parent = nodes[(node.at - 1) >> 1];
		if (parent && isBefore(node.item, parent.item)) {
			rise(node);
		} else {
			sink(node);
		}
	};

	const firstBelow = (accepts: (item: Item) => boolean, at: number): Item | undefined => {
		const node = nodes[at];
		if (!node || accepts(node.item)) {
			return node?.item;
		}

		const left = firstBelow(accepts, 2 * at + 1);
		const right = firstBelow(accepts, 2 * at + 2);
		return left === undefined || (right !== undefined && isBefore(right, left)) ? right : left;
	};

	const remove = (node: HeapNode<Item>): void => {
		const last = nodes.pop()!;
		if (last !== node) {
			put(last, node.at);
			update(last);
		}
	};

	return {
		get size() {
			return nodes.length;
		},
		push(item) {
			const node = {item, at: nodes.length};
			nodes.push(node);
			rise(node);
			return node;
		},
		peek: () => nodes[0]?.item,
		first: accepts => firstBelow(accepts, 0),
		pop() {
			const node = nodes[0];
			if (node) {
				remove(node);
			}

			return node?.item;
		},
		update,
		remove,
	};
};
