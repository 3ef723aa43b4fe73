import {createWaitGraph, type WaitGraph} from '../../state/run/wait-graph.js';
import type {BenchRow} from './bench-row.js';
import {percentile} from './percentile.js';
import {median} from './process-usage.js';

const nodeCount = 10_000;
const layerCount = 100;
const edgesPerNode = 2;
const lateEdgeCount = 5000;
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

type Grown = {readonly graph: WaitGraph; readonly edgeUs: number};

/** Each edge is checked, then added. */
const grow = (edges: ReadonlyArray<readonly [waiter: string, awaited: string]>): Grown => {
	const graph = createWaitGraph();
	const startMs = performance.now();
	for (const [waiter, awaited] of edges) {
		if (graph.cycle(waiter, awaited) === undefined) {
			graph.add(waiter, awaited);
		}
	}

	return {graph, edgeUs: ((performance.now() - startMs) / edges.length) * 1000};
};

/** Every node but the first is awaited by one that was there before. */
const treeEdges = () => {
	const random = createRandom();
	return names.slice(1).map((name, index) => [names[random(index + 1)]!, name] as const);
};

/** Every node awaits two of the layer after its own: the shape with the most ways from node to node. The last layer is there first. */
const layeredEdges = () => {
	const random = createRandom();
	const width = nodeCount / layerCount;
	return names.slice(0, nodeCount - width).flatMap((name, index) => {
		const nextLayer = (Math.floor(index / width) + 1) * width;
		return Array.from({length: edgesPerNode}, () => [name, names[nextLayer + random(width)]!] as const);
	});
};

/** What a check costs between any two nodes of a graph that is there already. */
const lateEdge = (shape: string, {graph}: Grown): BenchRow => {
	const random = createRandom();
	const tookMs = Array.from({length: lateEdgeCount}, () => {
		const [waiter, awaited] = [names[random(nodeCount)]!, names[random(nodeCount)]!];
		const startMs = performance.now();
		graph.cycle(waiter, awaited);
		return performance.now() - startMs;
	});
	const p99Ms = percentile(tookMs, 99);
	return {
		figure: `wait graph: a late edge, ${nodeCount.toLocaleString('en')} nodes in ${shape}`,
		goal: `p99 ≤ ${goalLateP99Ms} ms`,
		result: `p99 ${p99Ms.toFixed(3)} ms, longest ${percentile(tookMs, 100).toFixed(2)} ms`,
		met: p99Ms <= goalLateP99Ms,
	};
};

/** µs per new edge, and what an edge between two that both wait and are awaited costs at worst. */
export const waitGraphBench = (): readonly BenchRow[] => {
	const [tree, layered] = [treeEdges(), layeredEdges().toReversed()];
	const edgeUs = median(Array.from({length: 9}, () => grow(tree).edgeUs));
	return [
		{figure: 'wait graph: a new edge', goal: `≤ ${goalEdgeUs} µs`, result: `${edgeUs.toFixed(2)} µs`, met: edgeUs <= goalEdgeUs},
		lateEdge('a tree', grow(tree)),
		lateEdge(`${layerCount} layers`, grow(layered)),
	];
};
