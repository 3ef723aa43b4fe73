import type {Command} from '../state/command.js';
import {startHeartbeats} from './heartbeats.js';
import type {LauncherPort, Report} from './launcher-port.js';
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
 * Takes in what a launcher reports, in order, and acknowledges each report once its fact is durable. While it is connected its ptys are
 * compared with State by heartbeats.
 */
export const takeReports = ({
	orchestrator,
	launcher,
	embedded,
	host,
	pid,
	tags,
	log,
}: {
	orchestrator: Orchestrator;
	launcher: LauncherPort;
	embedded: boolean;
	host: string;
	/** Which process the launcher is now. */
	pid: () => number;
	/** What agents on it can use. */
	tags?: readonly string[];
	log: Log;
}): (() => void) => {
	const sender = () => ({actor: {role: 'launcher', launcherId: launcher.launcherId}}) as const;
	let inOrder: Promise<unknown> = Promise.resolve();

	const inTurn = (what: string, work: () => Promise<void>): void => {
		inOrder = inOrder.then(work).catch((error: unknown) => {
			log(`Could not ${what}.`, error);
		});
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

	/** One launcher serves a state folder on a machine at a time: an earlier one that State still believes reachable is not. */
	const join = async (): Promise<void> => {
		const {launcherId} = launcher;
		const others = Object.values(orchestrator.getState().launchers).filter(
			other => other.id !== launcherId && other.host === host && other.state === 'online',
		);
		for (const {id} of others) {
			await orchestrator.send({type: 'launcher.change', launcherId: id, state: 'offline'}, sender());
		}

		await orchestrator.send({type: 'launcher.join', launcherId, host, pid: pid(), embedded, ...(tags && {tags})}, sender());
	};

	const heartbeats = startHeartbeats({orchestrator, launcher, inTurn, log});

	const arrive = (): void => {
		inTurn('take the launcher in', join);
		heartbeats.start();
	};

	const unsubscribe = [
		launcher.onReport(report => {
			inTurn('take a report', () => take(report));
		}),
		launcher.onConnection(connected => {
			if (connected) {
				arrive();
				return;
			}

			heartbeats.stop();
			inTurn('note that the launcher is away', async () => {
				await orchestrator.send({type: 'launcher.change', launcherId: launcher.launcherId, state: 'offline'}, sender());
			});
		}),
		heartbeats.close,
	];
	arrive();
	return () => {
		for (const end of unsubscribe) {
			end();
		}
	};
};
