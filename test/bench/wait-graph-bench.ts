import {createWaitGraph} from '../../state/wait-graph.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';

const nodeCount = 10_000;
const goalEdgeUs = 1;
const goalLateP99Ms = 0.5;

/** Numbers that are the same in every run of the benchmark. */
const createRandom = (): ((below: number) => number) => {
	let seed = 12_345;
	return below => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((seed / 2 ** 32) * below);
	};
};

const names = Array.from({length: nodeCount}, (_, index) => `run_${index}`);

/** A tree in which every node but the first is awaited by one that was there before; each edge is checked, then added. */
const grow = () => {
	const random = createRandom();
	const graph = createWaitGraph();
	const startMs = performance.now();
	for (let index = 1; index < nodeCount; index += 1) {
		const waiter = names[random(index)]!;
		if (graph.cycle(waiter, names[index]!) === undefined) {
			graph.add(waiter, names[index]!);
		}
	}

	return {graph, random, edgeUs: ((performance.now() - startMs) / nodeCount) * 1000};
};

/** µs per new edge, and what an edge between two that both wait and are awaited costs at worst. */
export const waitGraphBench = (): readonly BenchRow[] => {
	const edgeUs = median(Array.from({length: 9}, () => grow().edgeUs));
	const {graph, random} = grow();
	const tookMs = Array.from({length: 10_000}, () => {
		const [waiter, awaited] = [names[random(nodeCount)]!, names[random(nodeCount)]!];
		const startMs = performance.now();
		graph.cycle(waiter, awaited);
		return performance.now() - startMs;
	}).toSorted((a, b) => a - b);
	const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)]!;
	return [
		{figure: 'wait graph: a new edge', goal: `≤ ${goalEdgeUs} µs`, result: `${edgeUs.toFixed(2)} µs`, met: edgeUs <= goalEdgeUs},
		{
			figure: `wait graph: a late edge, ${nodeCount.toLocaleString('en')} nodes`,
			goal: `p99 ≤ ${goalLateP99Ms} ms`,
			result: `p99 ${p99Ms.toFixed(3)} ms, longest ${tookMs.at(-1)!.toFixed(2)} ms`,
			met: p99Ms <= goalLateP99Ms,
		},
	];
};
