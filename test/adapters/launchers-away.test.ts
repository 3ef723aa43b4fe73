import {expect, test} from 'vitest';
import {noteLaunchersAway} from '../../source/launchers-away.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {operator, system} from '../helpers/state-fleet.js';

test('nothing starts on a launcher that was there under another name of this machine', async () => {
	const {orchestrator, advance} = await createMemoryOrchestrator();
	await orchestrator.send({type: 'launcher.join', launcherId: 'lch_2', host: 'renamed', pid: 2, embedded: false}, {actor: system});
	await noteLaunchersAway({orchestrator, reachedId: 'lch_2'});
	await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}, {actor: operator});
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	const [run] = Object.values(orchestrator.getState().runs);
	expect(run?.attempts[0]?.launcherId).toBe('lch_2');
	// That one is left behind in turn; how long it has been away counts from each start, since something runs on it.
	await noteLaunchersAway({orchestrator, reachedId: 'lch_3'});
	const awaySinceMs = orchestrator.now() + 5000;
	advance(5000);
	await noteLaunchersAway({orchestrator, reachedId: 'lch_3'});
	expect(orchestrator.getState().launchers['lch_2']).toMatchObject({state: 'offline', sinceMs: awaySinceMs});
	expect(orchestrator.getState().launchers['lch_1']).toMatchObject({state: 'offline', sinceMs: awaySinceMs - 5000});
});
