import type {Fact} from '../state/fact.js';
import {isLive} from '../state/run/run.js';
import {type LauncherPort, type PtyInfo, ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

/** Between two comparisons of a launcher's ptys with State. */
const beatMs = 10_000;

export type HeartbeatsOptions = {
	readonly orchestrator: Orchestrator;
	readonly launcher: LauncherPort;
	/** Runs work in turn with the launcher's reports, so that an exit that was told is never taken for a loss. */
	readonly inTurn: (what: string, work: () => Promise<void>) => void;
	readonly log: Log;
};

/** What a launcher has now, told to State again and again. */
export type Heartbeats = {
	/** Tells now, and from now on every ten seconds. */
	start(): void;
	/** The launcher is away: there is nothing to tell. */
	stop(): void;
	/** Ends it for good. */
	close(): void;
};

const system = {actor: {role: 'system'}} as const;

/**
 * Compares what a launcher has with what State believes, when it is reached and every ten seconds as long as it is. State says what
 * follows; a stray that it names is stopped here.
 */
export const startHeartbeats = ({orchestrator, launcher, inTurn, log}: HeartbeatsOptions): Heartbeats => {
	let timer: NodeJS.Timeout | undefined;
	let isTelling = false;
	let exitedBefore: ReadonlySet<string> = new Set();

	const isBelieved = ({runId, generation}: PtyInfo): boolean => {
		const run = orchestrator.getState().runs[runId];
		return run !== undefined && isLive(run) && run.generation === generation;
	};

	/** Whoever has just exited is about to be reported; only if that never comes is it lost. */
	const isAlive = (pty: PtyInfo): boolean => !pty.exit || (isBelieved(pty) && !exitedBefore.has(pty.ptyId));

	const beat = async (): Promise<void> => {
		// Asked in turn: whatever became true before the launcher looked is in State when it is compared.
		const ptys = await launcher.list();
		const attempts = ptys.map(pty => ({runId: pty.runId, generation: pty.generation, isAlive: isAlive(pty)}));
		exitedBefore = new Set(ptys.filter(({exit}) => exit).map(({ptyId}) => ptyId));
		const {launcherId} = launcher;
		const actor = {role: 'launcher', launcherId} as const;
		const {refused} = await orchestrator.send({type: 'launcher.heartbeat', launcherId, attempts}, {actor});
		if (refused) {
			log(`A heartbeat changed nothing: ${refused.sentence}`);
		}
	};

	/** Launchers that served this machine before live no more, and neither does what ran there. */
	const buryEarlier = async (): Promise<void> => {
		const {launchers, index, runs} = orchestrator.getState();
		const {launcherId} = launcher;
		const {host} = launchers[launcherId] ?? {};
		const busy = new Set([...index.live].map(id => runs[id]!.attempts.at(-1)!.launcherId));
		const earlier = Object.values(launchers).filter(other => other.id !== launcherId && other.host === host && busy.has(other.id));
		for (const {id} of earlier) {
			await orchestrator.send({type: 'launcher.heartbeat', launcherId: id, attempts: []}, system);
		}
	};

	const tell = (): void => {
		if (isTelling) {
			return;
		}

		isTelling = true;
		inTurn('compare the launcher with State', async () => {
			try {
				await buryEarlier();
				await beat();
			} finally {
				isTelling = false;
			}
		});
	};

	const stopStray = async ({runId, generation}: {readonly runId: string; readonly generation: number}): Promise<void> => {
		const {stopGraceMs} = orchestrator.getState().limits;
		await launcher.stop(ptyIdOf({runId, generation}), {graceMs: stopGraceMs});
	};

	const hear = (fact: Fact): void => {
		const isStray = fact.type === 'heartbeat.resolved' && fact.resolution === 'stray-stopped';
		if (isStray && fact.by === `launcher ${launcher.launcherId}`) {
			stopStray(fact).catch((error: unknown) => {
				log(`Could not stop ${ptyIdOf(fact)}, which nobody wants.`, error);
			});
		}
	};

	const unsubscribe = orchestrator.subscribe(facts => {
		for (const {fact} of facts) {
			hear(fact);
		}
	});
	const stop = (): void => {
		clearInterval(timer);
		timer = undefined;
	};

	return {
		start() {
			stop();
			tell();
			timer = setInterval(tell, beatMs);
			timer.unref();
		},
		stop,
		close() {
			stop();
			unsubscribe();
		},
	};
};
