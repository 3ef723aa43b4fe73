/** An element with its rank and its place in the heap, both kept by the heap alone. */
export type HeapNode<Item> = {readonly item: Item; readonly key: number; readonly tie: number};

/** A binary heap: the element with the least key first, among equal keys that with the least tie. Each can be moved or taken out by its node. */
export type Heap<Item> = {
	readonly size: number;
	push(item: Item, key: number, tie: number): HeapNode<Item>;
	peek(): HeapNode<Item> | undefined;
	pop(): Item | undefined;
	/** The least element that is accepted. It looks only below those that are not. */
	first(accepts: (item: Item) => boolean): HeapNode<Item> | undefined;
	/** Gives an element another rank. */
	update(node: HeapNode<Item>, key: number, tie: number): void;
	remove(node: HeapNode<Item>): void;
};

type Place<Item> = {readonly item: Item; key: number; tie: number; at: number};

/** Whether one of these ranks comes before the other. */
export const isBefore = (a: HeapNode<unknown>, b: HeapNode<unknown>): boolean => a.key < b.key || (a.key === b.key && a.tie < b.tie);

export const createHeap = <Item>(): Heap<Item> => {
	const nodes: Place<Item>[] = [];

	const put = (node: Place<Item>, at: number): void => {
		nodes[at] = node;
		node.at = at;
	};

	const rise = (node: Place<Item>): void => {
		let {at} = node;
		while (at > 0) {
			const parent = nodes[(at - 1) >> 1]!;
			if (!isBefore(node, parent)) {
				break;
			}

			const above = parent.at;
			put(parent, at);
			at = above;
		}

		put(node, at);
	};

	const sink = (node: Place<Item>): void => {
		let {at} = node;
		for (let child = 2 * at + 1; child < nodes.length; child = 2 * at + 1) {
			const hasLesserTwin = child + 1 < nodes.length && isBefore(nodes[child + 1]!, nodes[child]!);
			const least = nodes[hasLesserTwin ? child + 1 : child]!;
			if (!isBefore(least, node)) {
				break;
			}

			const below = least.at;
			put(least, at);
			at = below;
		}

		put(node, at);
	};

	const settle = (node: Place<Item>): void => {
		if (node.at > 0 && isBefore(node, nodes[(node.at - 1) >> 1]!)) {
			rise(node);
		} else {
			sink(node);
		}
	};

	const remove = (node: HeapNode<Item>): void => {
		const last = nodes.pop()!;
		if (last !== node) {
			put(last, (node as Place<Item>).at);
			settle(last);
		}
	};

	const firstBelow = (accepts: (item: Item) => boolean, at: number): Place<Item> | undefined => {
		const node = nodes[at];
		if (!node || accepts(node.item)) {
			return node;
		}

		const left = firstBelow(accepts, 2 * at + 1);
		const right = firstBelow(accepts, 2 * at + 2);
		return !left || (right && isBefore(right, left)) ? right : left;
	};

	return {
		get size() {
			return nodes.length;
		},
		push(item, key, tie) {
			const node = {item, key, tie, at: nodes.length};
			nodes.push(node);
			rise(node);
			return node;
		},
		peek: () => nodes[0],
		pop() {
			const node = nodes[0];
			if (node) {
				remove(node);
			}

			return node?.item;
		},
		first: accepts => firstBelow(accepts, 0),
		update(node, key, tie) {
			const place = node as Place<Item>;
			place.key = key;
			place.tie = tie;
			settle(place);
		},
		remove,
	};
};
