import {setTimeout as delay} from 'node:timers/promises';
import {createClock} from '../clock.js';
import {ExpectedError} from '../errors.js';
import {
	type Activity,
	type AttemptKey,
	type LauncherPort,
	ptyIdOf,
	type ScreenFrame,
	type StopProof,
	type Viewport,
	type Watch,
	type WatchTarget,
} from '../launcher-port.js';
import type {Log} from '../log.js';
import {createListeners} from './listeners.js';
import {replayRecording} from './replay.js';
import {createReplays, type Replays} from './replays.js';
import {openReports} from './reports.js';
import {createRuleBook} from './rule-book.js';
import {createSpawner} from './spawner.js';
import {stopTree} from './stop-tree.js';
import {createStops} from './stops.js';
import {createTerminals, type Terminals} from './terminals.js';
import {createWatch, type Watched} from './watch.js';

/** The launcher in this process, with what its server and its main need besides the promise. */
export type Launcher = Omit<LauncherPort, 'watch'> & {
	/** As the promise has it; while `isReady` says no, frames wait and the latest wins. */
	watch(target: WatchTarget, viewport: Viewport, onFrame: (frame: ScreenFrame) => void, isReady?: () => boolean): Watch;
	/** Ptys whose process lives. */
	readonly liveCount: number;
	/** Reports that nobody has acknowledged. */
	readonly unacknowledgedCount: number;
	/** Stops every agent at once. Resolves with the proofs, by pty, once their exits have been told. */
	stopAll(options: {readonly graceMs: number}): Promise<ReadonlyMap<string, StopProof>>;
};

export type LauncherOptions = {
	/** Holds the launcher's files; made when missing, mode 0700. */
	readonly folder: string;
	readonly launcherId: string;
	readonly log?: Log;
	/** How long `close` lets agents end by themselves. */
	readonly stopGraceMs?: number;
	/** The operator's own screen rules; where they usually are, unless told otherwise. */
	readonly rulesFolder?: string;
};

const longestEndMs = 5000;

/** The attempt that a pty is named after. */
const attemptOf = (ptyId: string): AttemptKey => {
	const [, runId = ptyId, generation] = /^(.+)\.(\d+)$/.exec(ptyId) ?? [];
	return {runId, generation: Number(generation)};
};

/** Where a target's screen is: with its pty, or in its recording. */
const findScreen = async (terminals: Terminals, replays: Replays, {ptyId, recordingPath}: WatchTarget): Promise<Watched | undefined> => {
	const terminal = terminals.get(ptyId);
	if (terminal) {
		return {screen: terminal.screen, release: terminal.look()};
	}

	const screen = await replays.borrow(recordingPath);
	return screen && {screen, release: () => replays.giveBack(recordingPath)};
};

/**
 * The launcher inside this process: owns the ptys, their screens, recordings and process trees, and keeps reports until they are
 * acknowledged. Knows no policy. Throws when its folder cannot be used.
 */
export const createLauncher = ({folder, launcherId, log = () => {}, stopGraceMs = 5000, rulesFolder}: LauncherOptions): Launcher => {
	const {now} = createClock();
	const activity = createListeners<Activity>({log, what: 'activity'});
	const moved = createListeners<string>({log, what: 'moving screens'});
	const reports = openReports({folder, now, log});
	const terminals = createTerminals({onMoved: moved.tell});
	const stops = createStops();
	const rules = createRuleBook({...(rulesFolder !== undefined && {folder: rulesFolder}), log});
	const spawner = createSpawner({terminals, reports, stops, rules, now, onActivity: activity.tell, log});
	const replays = createReplays({replay: replayRecording});
	let isClosed = false;

	const stop: LauncherPort['stop'] = async (ptyId, {graceMs}) => {
		await spawner.started(ptyId);
		const terminal = terminals.get(ptyId);
		const options = {root: terminal?.root, attempt: attemptOf(ptyId), graceMs};
		return terminal && !terminal.info.exit ? stops.stop(ptyId, {...options, root: terminal.root}) : stopTree(options);
	};

	const stopAll: Launcher['stopAll'] = async options => {
		await spawner.started();
		const living = terminals.all().filter(({isLive}) => isLive);
		const proofs = await Promise.all(living.map(async ({info: {ptyId}}) => [ptyId, await stop(ptyId, options)] as const));
		// What survived even SIGKILL hangs in the kernel: no waiting helps.
		await Promise.race([terminals.untilAllEnded(), delay(longestEndMs, undefined, {ref: false})]);
		await reports.settled();
		return new Map(proofs);
	};

	return {
		launcherId,
		async spawn(request) {
			if (isClosed) {
				throw new ExpectedError(`Could not start ${ptyIdOf(request)}: the launcher is closing.`);
			}

			spawner.spawn(request);
		},
		stop,
		stopAll,
		typeLine: async (ptyId, text) => terminals.live(ptyId, 'type into').typeLine(text),
		pressKeys: async (ptyId, order) => terminals.live(ptyId, 'answer a prompt of').pressKeys(order),
		watch: (target, viewport, onFrame, isReady = () => true) =>
			createWatch({
				find: async () => findScreen(terminals, replays, target),
				onMoved: listener => moved.add(ptyId => ptyId === target.ptyId && listener()),
				viewport,
				onFrame,
				isReady,
			}),
		attach: async (ptyId, size, events) => terminals.live(ptyId, 'attach to').attach(size, events),
		async text(target, range) {
			const found = await findScreen(terminals, replays, target);
			if (!found) {
				throw new ExpectedError(`Could not read the screen of ${target.ptyId}: neither the pty nor its recording is there.`);
			}

			await found.screen.parsed();
			const lines = found.screen.text(range);
			found.release();
			return lines;
		},
		list: async () => terminals.all().map(({info}) => info),
		forget: terminals.forget,
		onReport: reports.onReport,
		acknowledge: reports.acknowledge,
		onActivity: activity.add,
		// Nothing can come between: it is never lost, and so never reached again.
		onConnection: () => () => {},
		get liveCount() {
			return terminals.liveCount;
		},
		get unacknowledgedCount() {
			return reports.size;
		},
		async close() {
			isClosed = true;
			await stopAll({graceMs: stopGraceMs});
			await reports.close();
			for (const {info} of terminals.all()) {
				terminals.forget(info.ptyId);
			}

			replays.dispose();
			rules.close();
		},
	};
};
