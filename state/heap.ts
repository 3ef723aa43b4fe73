/** A binary heap: the least element by `isBefore` first. */
export type Heap<Item> = {
	readonly size: number;
	push(item: Item): void;
	peek(): Item | undefined;
	pop(): Item | undefined;
};

export const createHeap = <Item>(isBefore: (a: Item, b: Item) => boolean): Heap<Item> => {
	const items: Item[] = [];

	const rise = (from: number): void => {
		const item = items[from]!;
		let at = from;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(item, items[parent]!)) {
				break;
			}

			items[at] = items[parent]!;
			at = parent;
		}

		items[at] = item;
	};

	const sink = (item: Item): void => {
		let at = 0;
		for (let child = 1; child < items.length; child = 2 * at + 1) {
			const right = child + 1;
			const least = right < items.length && isBefore(items[right]!, items[child]!) ? right : child;
			if (!isBefore(items[least]!, item)) {
				break;
			}

			items[at] = items[least]!;
			at = least;
		}

		items[at] = item;
	};

	return {
		get size() {
			return items.length;
		},
		push(item) {
			items.push(item);
			rise(items.length - 1);
		},
		peek: () => items[0],
		pop() {
			const first = items[0];
			const last = items.pop();
			if (items.length > 0) {
				sink(last!);
			}

			return first;
		},
	};
};
