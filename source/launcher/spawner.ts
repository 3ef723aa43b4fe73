import {ExpectedError} from '../errors.js';
import {type Activity, type PtyExit, ptyIdOf, type SpawnRequest} from '../launcher-port.js';
import type {Log} from '../log.js';
import {createGenerations} from './generations.js';
import type {Reports} from './reports.js';
import type {RuleBook} from './rule-book.js';
import type {Stops} from './stops.js';
import {createTerminal, type Terminal} from './terminal.js';
import type {Terminals} from './terminals.js';
import {whyNotSpawn} from './why-not-spawn.js';

/** Starts attempts, each once, and reports what became of them. */
export type Spawner = {
	/** Takes an order. Throws for an attempt that a newer one has replaced. */
	spawn(request: SpawnRequest): void;
	/** Resolves once no order of this name, or of any, is on its way any more. */
	started(ptyId?: string): Promise<void>;
};

export type SpawnerOptions = {
	readonly terminals: Terminals;
	readonly reports: Reports;
	readonly stops: Stops;
	readonly rules: RuleBook;
	readonly now: () => number;
	readonly onActivity: (activity: Activity) => void;
	readonly log: Log;
};

const sentenceOf = (error: unknown): string => {
	const hint = error instanceof ExpectedError ? error.hint : undefined;
	const message = error instanceof Error ? error.message : String(error);
	return hint === undefined ? message : `${message} ${hint}`;
};

/** Opens the pty, or throws a sentence why that is not possible. */
const open = async (
	{rules, now, onActivity, log}: SpawnerOptions,
	request: SpawnRequest,
	onEnd: (exit: PtyExit) => void,
): Promise<Terminal> => {
	const why = await whyNotSpawn(request);
	if (why !== undefined) {
		throw new ExpectedError(`Could not start ${request.file}: ${why}.`);
	}

	const own = {reader: () => rules.readerOf(request.adapter), onChange: rules.onChange};
	return createTerminal({request, now, onActivity, onEnd, rules: own, log});
};

export const createSpawner = (options: SpawnerOptions): Spawner => {
	const {terminals, reports, stops, log} = options;
	const generations = createGenerations();
	const starting = new Map<string, Promise<void>>();
	for (const report of reports.pending()) {
		generations.note(report);
	}

	const ended = async ({runId, generation}: SpawnRequest, exit: PtyExit) => {
		const ptyId = ptyIdOf({runId, generation});
		const proof = await stops.proofOf(ptyId);
		terminals.ended(ptyId);
		reports.happened({type: 'exited', runId, generation, ...exit, ...(proof && {proof})});
	};

	const start = async (request: SpawnRequest) => {
		const {runId, generation} = request;
		try {
			const terminal = await open(options, request, exit => void ended(request, exit));
			terminals.add(terminal);
			reports.happened({type: 'started', runId, generation, pid: terminal.info.pid});
		} catch (error) {
			log(`Could not start ${ptyIdOf(request)}.`, error);
			reports.happened({type: 'spawn-failed', runId, generation, sentence: sentenceOf(error)});
		}
	};

	return {
		spawn(request) {
			if (generations.take(request)) {
				const ptyId = ptyIdOf(request);
				starting.set(
					ptyId,
					start(request).finally(() => starting.delete(ptyId)),
				);
			}
		},
		async started(ptyId) {
			await (ptyId === undefined ? Promise.all(starting.values()) : starting.get(ptyId));
		},
	};
};
