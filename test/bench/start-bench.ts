import process from 'node:process';
import {adapters} from '../../source/agents/registry.js';
import {readConfig} from '../../source/config.js';
import {pathsOf} from '../../source/paths.js';
import {type Coordinator, openCoordinator} from '../../source/programs/coordinator.js';
import {builtProgram, createPlace} from './bench-place.js';
import type {BenchRow} from './bench-row.js';
import {median} from './process-usage.js';

const rounds = 40;
const goalMs = 100;

const sender = {actor: {role: 'operator', name: 'bench'}} as const;

/** From a message to a session with nothing to do, until its agent runs in a pty and that is on the disk. */
const startMs = async ({fleet: {orchestrator}}: Coordinator): Promise<number> => {
	await orchestrator.send({type: 'session.create', agent: 'load', cwd: '/tmp'}, sender);
	const sessionId = Object.keys(orchestrator.getState().sessions).at(-1)!;
	const running = Promise.withResolvers<void>();
	const stop = orchestrator.subscribe(facts => {
		if (facts.some(({fact}) => fact.type === 'run.running')) {
			running.resolve();
		}
	});
	const sentMs = performance.now();
	const {refused} = await orchestrator.send({type: 'message.send', sessionId, text: 'go'}, sender);
	if (refused) {
		throw new Error(`Could not send a message to ${sessionId}: ${refused.code}.`);
	}

	await running.promise;
	stop();
	return performance.now() - sentMs;
};

/** How long a request takes to become a running agent while there is a free slot, through journal, scheduler and launcher. */
export const startBench = async (): Promise<readonly BenchRow[]> => {
	const place = createPlace();
	const env = {...process.env, ...place.env};
	const coordinator = await openCoordinator({
		paths: pathsOf(place.stateDir),
		role: 'agentd',
		project: '/tmp',
		env,
		config: await readConfig(env, adapters),
		programFile: builtProgram,
		embedded: false,
		readOnly: false,
		ptySize: () => ({columns: 120, rows: 40}),
		log: () => {},
	});
	const tookMs: number[] = [];
	try {
		await coordinator.begin();
		for (let round = 0; round < rounds; round += 1) {
			tookMs.push(await startMs(coordinator));
		}
	} finally {
		await coordinator.close();
		await place.close();
	}

	const p50Ms = median(tookMs);
	return [
		{
			figure: 'start: from a message to a running agent',
			goal: `p50 ≤ ${goalMs} ms`,
			result: `p50 ${p50Ms.toFixed(0)} ms, longest ${Math.max(...tookMs).toFixed(0)} ms`,
			met: p50Ms <= goalMs,
		},
	];
};
