import {expect, test, vi} from 'vitest';
import {startDispatch} from '../../source/dispatch.js';
import type {Orchestrator} from '../../source/orchestrator.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {operator} from '../helpers/state-fleet.js';

test('a disk that fails does not make the timer of what is due spin', async () => {
	const {orchestrator, fail, advance} = await createMemoryOrchestrator();
	await orchestrator.send(
		{type: 'session.create', agent: 'shell', cwd: '/w', text: 'x', deadlineAtMs: orchestrator.now() + 1000},
		{actor: operator},
	);
	await orchestrator.send({type: 'queue.pause'}, {actor: operator});
	let ticks = 0;
	const counted: Orchestrator = {
		...orchestrator,
		get failure() {
			return orchestrator.failure;
		},
		send(command, sender) {
			ticks += command.type === 'clock.tick' ? 1 : 0;
			return orchestrator.send(command, sender);
		},
	};
	const stop = startDispatch({orchestrator: counted, log() {}});
	await vi.waitFor(() => expect(ticks).toBe(1));
	fail(new Error('no space'));
	advance(2000);
	// Each turn of the loop could bring a tick: a hundred of them is more than enough to see it spin.
	for (let turn = 0; turn < 100; turn += 1) {
		await new Promise(resolve => {
			setTimeout(resolve, 2);
		});
	}

	stop();
	expect(ticks).toBeLessThanOrEqual(2);
});
