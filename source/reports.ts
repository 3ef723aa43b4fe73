import type {Command} from '../state/command.js';
import {isLive} from '../state/run.js';
import {type LauncherPort, type PtyInfo, ptyIdOf, type Report} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

const commandOf = ({type, runId, generation, ...report}: Report): Command => {
	switch (type) {
		case 'started': {
			const {pid} = report as Extract<Report, {type: 'started'}>;
			return {type: 'attempt.started', runId, generation, pid};
		}

		case 'spawn-failed': {
			const {sentence} = report as Extract<Report, {type: 'spawn-failed'}>;
			return {type: 'attempt.spawn-failed', runId, generation, sentence};
		}

		case 'exited': {
			const {exitCode, signal, proof} = report as Extract<Report, {type: 'exited'}>;
			return {type: 'attempt.exited', runId, generation, exitCode, signal, ...(proof && {proof})};
		}
	}
};

/**
 * Takes in what a launcher reports, in order, and acknowledges each report once its fact is durable. On every connection it compares the
 * launcher's ptys with State: what State believes alive and the launcher does not have is lost; what the launcher runs and State
 * does not want is stopped.
 */
export const takeReports = ({
	orchestrator,
	launcher,
	embedded,
	host,
	pid,
	log,
}: {
	orchestrator: Orchestrator;
	launcher: LauncherPort;
	embedded: boolean;
	host: string;
	/** Which process the launcher is now. */
	pid: () => number;
	log: Log;
}): (() => void) => {
	const sender = () => ({actor: {role: 'launcher', launcherId: launcher.launcherId}}) as const;
	let inOrder: Promise<unknown> = Promise.resolve();

	const queue = (what: string, work: () => Promise<void>): Promise<unknown> => {
		inOrder = inOrder.then(work).catch((error: unknown) => {
			log(`Could not ${what}.`, error);
		});
		return inOrder;
	};

	const take = async (report: Report): Promise<void> => {
		const sent = await orchestrator.send(commandOf(report), sender());
		if (sent.refused?.code === 'STORE_FAILED') {
			// Not acknowledged: it is told again after the next connection.
			return;
		}

		if (sent.refused) {
			log(`A report changed nothing: ${sent.refused.sentence}`);
		}

		launcher.acknowledge([report.id]);
	};

	/** One launcher serves a state folder at a time: an earlier one that State still believes reachable is not. */
	const join = async (): Promise<void> => {
		const {launcherId} = launcher;
		const others = Object.values(orchestrator.getState().launchers).filter(({id, state}) => id !== launcherId && state === 'online');
		for (const {id} of others) {
			await orchestrator.send({type: 'launcher.change', launcherId: id, state: 'offline'}, sender());
		}

		await orchestrator.send({type: 'launcher.join', launcherId, host, pid: pid(), embedded}, sender());
	};

	const loseMissing = async (ptys: readonly PtyInfo[]): Promise<void> => {
		const state = orchestrator.getState();
		const known = new Set(ptys.map(({ptyId}) => ptyId));
		for (const id of [...state.index.live]) {
			const {generation} = state.runs[id]!;
			if (!known.has(ptyIdOf({runId: id, generation}))) {
				await orchestrator.send({type: 'attempt.lost', runId: id, generation, sentence: 'the launcher no longer has it'}, sender());
			}
		}
	};

	const stopUnwanted = async (ptys: readonly PtyInfo[]): Promise<void> => {
		const {runs, limits} = orchestrator.getState();
		const unwanted = ptys.filter(({runId, generation, exit}) => {
			const run = runs[runId];
			return !exit && !(run && isLive(run) && run.generation === generation && run.state !== 'stopping');
		});
		await Promise.all(unwanted.map(({ptyId}) => launcher.stop(ptyId, {graceMs: limits.stopGraceMs})));
	};

	const reconcile = async (): Promise<void> => {
		const ptys = await launcher.list();
		// What was reported before the list was made is taken first: an exit that is on its way is no loss.
		await queue('reconcile with the launcher', async () => {
			await join();
			await loseMissing(ptys);
			await stopUnwanted(ptys);
		});
	};

	const unsubscribe = [
		launcher.onReport(report => {
			void queue('take a report', () => take(report));
		}),
		launcher.onConnection(connected => {
			if (connected) {
				reconcile().catch((error: unknown) => {
					log('Could not reconcile with the launcher.', error);
				});
			} else {
				void queue('note that the launcher is away', async () => {
					await orchestrator.send({type: 'launcher.change', launcherId: launcher.launcherId, state: 'offline'}, sender());
				});
			}
		}),
	];
	reconcile().catch((error: unknown) => {
		log('Could not reconcile with the launcher.', error);
	});
	return () => {
		for (const end of unsubscribe) {
			end();
		}
	};
};
