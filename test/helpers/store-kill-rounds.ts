import {type ChildProcessByStdio, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile, rm, watch} from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type {Readable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {isDeepStrictEqual} from 'node:util';
import {openStoreReadOnly} from '../../source/store/open-store.js';
import type {State} from '../../state/state.js';
import {compiledFile} from './store-compiled.js';
import {createStoreFolder, frozen} from './store-folder.js';

/** What came of killing a writer again and again. `lost`, `wrong` and `mismatches` are faults when above zero. */
export type KillTally = {
	acknowledged: number;
	/** Acknowledged facts that a restart did not find. */
	lost: number;
	/** Facts found twice or never appended, halves of pairs, gaps in what one writer appended. */
	wrong: number;
	/** Restarts whose State was not what the previous snapshot and its segments add up to. */
	mismatches: number;
	/** Rounds in which a new snapshot was made, and kills that came in the middle of making one. */
	compactedRounds: number;
	killedInCompaction: number;
};

/** A new folder now and then, so that State stays small and a round short. */
const roundsPerFolder = 10;

type Appender = ChildProcessByStdio<null, Readable, Readable>;

/** Resolves when a snapshot begins to be written, or after a while without one. */
const snapshotBegun = async (folder: string): Promise<void> => {
	const deadline = AbortSignal.timeout(3000);
	try {
		for await (const {filename} of watch(folder, {signal: deadline})) {
			if (filename?.startsWith('snapshot.json.')) {
				return;
			}
		}
	} catch (error) {
		if (!deadline.aborted) {
			throw error;
		}
	}
};

/** Every other kill is aimed: at the writing of a snapshot and the clearing away after it. The others come at any moment. */
const momentToKill = async (folder: string, round: number): Promise<void> => {
	if (round % 2 === 0) {
		await delay(Math.random() * 800);
	} else {
		await snapshotBegun(folder);
		await delay(Math.random() * 40);
	}
};

/** Runs an appender, kills it some time after it opened the store, and tells what it said. */
const runOnce = async (folder: string, round: number): Promise<{readonly ids: readonly string[]; readonly complaints: string}> => {
	const appender: Appender = spawn(
		process.execPath,
		[fileURLToPath(compiledFile('test/fixtures/store-appender.js')), folder, String(round)],
		{
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	let output = '';
	let complaints = '';
	appender.stdout.setEncoding('utf8').on('data', (text: string) => {
		output += text;
	});
	appender.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaints += text;
	});
	const closed = once(appender, 'close');
	await Promise.race([once(appender.stdout, 'data'), closed]);
	await Promise.race([momentToKill(folder, round), closed]);
	appender.kill('SIGKILL');
	await closed;
	const lines = output.split('\n').slice(0, -1);
	return {ids: lines.filter(line => !line.startsWith('opened ')), complaints};
};

/** Ids in State that cannot be: not from a round that ran, a pair's half, or with a hole before them in their writer's sequence. */
const countWrong = (state: State): number => {
	const ids = Object.keys(state.sessions);
	const isWrong = (id: string): boolean => {
		const [round, writer, n, twin] = id.split('.');
		const number = Number(n);
		if (twin !== undefined) {
			return !(`${round}.${writer}.${n}` in state.sessions);
		}

		const lacksTwin = number % 10 === 0 && !(`${id}.twin` in state.sessions);
		const lacksPredecessor = number > 0 && !(`${round}.${writer}.${number - 1}` in state.sessions);
		return lacksTwin || lacksPredecessor;
	};

	// Each fact counts once in `version`, so that a fact applied twice shows as a difference.
	return ids.filter(isWrong).length + Math.abs(state.version - ids.length);
};

/** State rebuilt without the newest snapshot, from the previous one and the segments that are kept for it. */
const rebuild = async (folder: {copy(): ReturnType<typeof createStoreFolder>}): Promise<State> => {
	await using copy = await folder.copy();
	const names = await readdir(copy.path);
	if (names.includes('snapshot.prev.json')) {
		await rm(path.join(copy.path, 'snapshot.json'), {force: true});
	}

	return (await openStoreReadOnly({folder: copy.path})).state;
};

const snapshotSeq = async (folder: string): Promise<string | undefined> =>
	/"seq":(\d+)/.exec(await readFile(path.join(folder, 'snapshot.json'), 'utf8').catch(() => ''))?.[1];

const killOverOneFolder = async (rounds: number, tally: KillTally): Promise<void> => {
	await using folder = await createStoreFolder();
	const acknowledged: string[] = [];
	let compactedTo: string | undefined;
	for (let round = 0; round < rounds; round += 1) {
		const {ids, complaints} = await runOnce(folder.path, round);
		if (complaints !== '') {
			throw new Error(`The appender of round ${round} complained: ${complaints}`);
		}

		acknowledged.push(...ids);
		const names = await readdir(folder.path);
		const seq = await snapshotSeq(folder.path);
		const {state} = await openStoreReadOnly({folder: folder.path});
		tally.compactedRounds += seq === compactedTo ? 0 : 1;
		tally.killedInCompaction += names.some(name => name.startsWith('snapshot.json.') && name.endsWith('.tmp')) ? 1 : 0;
		tally.acknowledged += ids.length;
		tally.lost += acknowledged.filter(id => !(id in state.sessions)).length;
		tally.wrong += countWrong(state);
		tally.mismatches += isDeepStrictEqual(frozen(await rebuild(folder)), frozen(state)) ? 0 : 1;
		compactedTo = seq;
	}
};

/** Kills an appender with compaction running, `rounds` times, and checks after each kill what a restart finds. */
export const killRounds = async (rounds: number): Promise<KillTally> => {
	const tally: KillTally = {acknowledged: 0, lost: 0, wrong: 0, mismatches: 0, compactedRounds: 0, killedInCompaction: 0};
	for (let left = rounds; left > 0; left -= roundsPerFolder) {
		await killOverOneFolder(Math.min(left, roundsPerFolder), tally);
	}

	return tally;
};
