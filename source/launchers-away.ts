import type {Orchestrator} from './orchestrator.js';

/**
 * Says at a start that every launcher but the one that was reached is away: State may still believe one reachable that ran when nobody
 * was left to see it go, under another name of this machine too. How long those with runs have been away counts from now, since no
 * launcher could come back while nobody looked.
 */
export const noteLaunchersAway = async ({
	orchestrator,
	reachedId,
}: {
	readonly orchestrator: Orchestrator;
	readonly reachedId: string;
}): Promise<void> => {
	const {launchers, index, runs} = orchestrator.getState();
	const busy = new Set([...index.live].map(id => runs[id]!.attempts.at(-1)!.launcherId));
	const others = Object.values(launchers).filter(({id, state}) => id !== reachedId && (state === 'online' || busy.has(id)));
	for (const {id: launcherId} of others) {
		await orchestrator.send({type: 'launcher.change', launcherId, state: 'offline', fromNow: true}, {actor: {role: 'system'}});
	}
};
