import fc from 'fast-check';
import {expect, test} from 'vitest';
import {createWaitGraph} from '../../state/run/wait-graph.js';

test('the cycle that is reported is the true one among several branches', () => {
	const graph = createWaitGraph();
	graph.add('a', 'b');
	graph.add('b', 'c');
	graph.add('b', 'x');
	graph.add('x', 'y');
	graph.add('c', 'd');
	graph.add('z', 'a');
	expect(graph.cycle('d', 'a')).toEqual(['d', 'a', 'b', 'c', 'd']);
});

test('a refused edge leaves no trace', () => {
	const graph = createWaitGraph();
	graph.add('a', 'b');
	expect(graph.cycle('b', 'a')).toEqual(['b', 'a', 'b']);
	expect(graph.awaitedBy('b')).toEqual([]);
	expect(graph.waitersOf('a')).toEqual([]);
});

test('waiting for oneself is a cycle of one', () => {
	expect(createWaitGraph().cycle('a', 'a')).toEqual(['a', 'a']);
});

test('a node that is forgotten holds nobody', () => {
	const graph = createWaitGraph();
	graph.add('a', 'b');
	graph.add('b', 'c');
	graph.forget('b');
	expect(graph.cycle('c', 'a')).toBeUndefined();
	expect([graph.awaitedBy('a'), graph.waitersOf('c')]).toEqual([[], []]);
});

test('an edge is called a cycle exactly when a plain search finds a way back, and the cycle told is a real one', () => {
	const edge = fc.tuple(fc.nat(7), fc.nat(7), fc.boolean());
	fc.assert(
		fc.property(fc.array(edge, {maxLength: 60}), edges => {
			const graph = createWaitGraph();
			const kept = new Set<string>();
			const reaches = (from: number, to: number, seen: readonly number[] = []): boolean =>
				from === to ||
				(!seen.includes(from) && [...kept].some(key => key.startsWith(`${from}>`) && reaches(Number(key.slice(2)), to, [...seen, from])));
			for (const [from, to, isRemoval] of edges) {
				if (isRemoval) {
					graph.remove(String(from), String(to));
					kept.delete(`${from}>${to}`);
					continue;
				}

				const cycle = graph.cycle(String(from), String(to));
				expect(cycle !== undefined).toBe(reaches(to, from));
				if (cycle === undefined) {
					graph.add(String(from), String(to));
					kept.add(`${from}>${to}`);
				} else {
					expect([cycle[0], cycle.at(-1)]).toEqual([String(from), String(from)]);
					for (const [index, node] of cycle.slice(1, -1).entries()) {
						expect(kept.has(`${node}>${cycle[index + 2]}`)).toBe(true);
					}
				}
			}
		}),
	);
});
