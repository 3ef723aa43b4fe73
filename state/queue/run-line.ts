import {createHeap, type Heap} from './heap.js';
import type {Ready} from './ready.js';

/** A run as the queue holds it. Once it no longer waits, a line that still mentions it passes over it. */
export type Waiting = {readonly run: Ready; isWaiting: boolean};

/**
 * Runs that wait one behind the other, by order of arrival. Usually they are added in that order, which costs the same however many there
 * are; a run that comes back to its old place is kept aside, in `late`.
 */
export type RunLine = {
	/** The run at the head; `undefined` when nobody waits. */
	first: Waiting | undefined;
	runs: Waiting[];
	head: number;
	late: Heap<Waiting> | undefined;
	/** How many left from within the line and are still mentioned. */
	gone: number;
};

const leastToTidy = 64;

export const createRunLine = (): RunLine => ({first: undefined, runs: [], head: 0, late: undefined, gone: 0});

const isEarlier = (a: Waiting, b: Waiting): boolean => a.run.order < b.run.order;

/** Lets go of those at the head that left, and finds out who is first. */
const settle = (line: RunLine): void => {
	while (line.head < line.runs.length && !line.runs[line.head]!.isWaiting) {
		line.head += 1;
	}

	if (line.head >= leastToTidy && line.head * 2 >= line.runs.length) {
		line.runs = line.runs.slice(line.head);
		line.head = 0;
	}

	while (line.late?.peek()?.item.isWaiting === false) {
		line.late.pop();
	}

	const inOrder = line.runs[line.head];
	const late = line.late?.peek()?.item;
	line.first = late && (!inOrder || isEarlier(late, inOrder)) ? late : inOrder;
};

/** Forgets those who left from within, once they are as many as those who wait. */
const tidy = (line: RunLine): void => {
	const mentioned = line.runs.length - line.head + (line.late?.size ?? 0);
	if (line.gone < leastToTidy || line.gone * 2 < mentioned) {
		return;
	}

	const late = createHeap<Waiting>();
	for (let entry = line.late?.pop(); entry; entry = line.late?.pop()) {
		if (entry.isWaiting) {
			late.push(entry, entry.run.order, 0);
		}
	}

	line.runs = line.runs.slice(line.head).filter(entry => entry.isWaiting);
	line.head = 0;
	line.late = late;
	line.gone = 0;
};

/** Takes a run in at its place. Tells whether it is the first now. */
export const addToLine = (line: RunLine, entry: Waiting): boolean => {
	const last = line.runs.length > line.head ? line.runs.at(-1) : undefined;
	if (!last || last.run.order < entry.run.order) {
		line.runs.push(entry);
	} else if (line.head > 0 && isEarlier(entry, line.runs[line.head]!)) {
		line.head -= 1;
		line.runs[line.head] = entry;
	} else {
		line.late ??= createHeap();
		line.late.push(entry, entry.run.order, 0);
	}

	if (line.first && !isEarlier(entry, line.first)) {
		return false;
	}

	line.first = entry;
	return true;
};

/** To be called when a run of the line no longer waits. Tells whether it was the first. */
export const leaveLine = (line: RunLine, entry: Waiting): boolean => {
	if (line.first === entry) {
		settle(line);
		return true;
	}

	line.gone += 1;
	tidy(line);
	return false;
};
