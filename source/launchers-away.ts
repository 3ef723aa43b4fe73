import type {Orchestrator} from './orchestrator.js';

/**
 * Says at a start that every launcher but the one that was reached is away: State may still believe one reachable that ran when nobody
 * was left to see it go, under another name of this machine too. How long they have been away counts from now, since no launcher could
 * come back while nobody looked.
 */
export const noteLaunchersAway = async ({
	orchestrator,
	reachedId,
}: {
	readonly orchestrator: Orchestrator;
	readonly reachedId: string;
}): Promise<void> => {
	const others = Object.keys(orchestrator.getState().launchers).filter(id => id !== reachedId);
	for (const launcherId of others) {
		await orchestrator.send({type: 'launcher.change', launcherId, state: 'offline', fromNow: true}, {actor: {role: 'system'}});
	}
};
