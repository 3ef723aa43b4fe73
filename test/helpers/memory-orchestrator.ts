import {createOrchestrator} from '../../source/orchestrator.js';
import {defaultLimits, type Limits} from '../../state/safety/limits.js';
import {createState} from '../../state/state.js';
import {createMemoryStore} from './memory-store.js';
import {launcher, system} from './state-fleet.js';

/** The real orchestrator over a store in memory, with a clock of the test's choosing, agent `shell` and one launcher. */
export const createMemoryOrchestrator = async ({limits = {}}: {limits?: Partial<Limits>} = {}) => {
	const {store, kept, fail, mend} = createMemoryStore();
	let ids = 0;
	let nowMs = 1_700_000_000_000;
	const orchestrator = createOrchestrator({
		store,
		state: createState(),
		clock: {now: () => nowMs},
		newId(prefix) {
			ids += 1;
			return `${prefix}_${ids}`;
		},
	});
	const agents = [{name: 'shell', adapter: 'command', argv: ['true'], description: 'shell'}];
	await orchestrator.send({type: 'settings.configure', agents, limits: {...defaultLimits, ...limits}}, {actor: system});
	await orchestrator.send({type: 'launcher.join', launcherId: 'lch_1', host: 'here', pid: 1, embedded: true}, {actor: launcher});
	return {
		orchestrator,
		/** Every fact that was kept. */
		kept,
		/** Makes the disk fail until it is mended. */
		fail,
		/** Lets it take facts again. */
		mend,
		advance(ms: number) {
			nowMs += ms;
		},
	};
};
