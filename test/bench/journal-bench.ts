import process from 'node:process';
import {withFile} from '../../source/store/disk.js';
import {openStore} from '../../source/store/open-store.js';
import type {FactStore} from '../../source/store-port.js';
import {createStoreFolder, paused} from '../helpers/store-folder.js';
import {killRounds} from '../helpers/store-kill-rounds.js';
import type {BenchRow} from './bench-row.js';

const writers = 100;
const factsPerWriter = 3000;
const tailFacts = 100_000;
const goalFactsPerSecond = 50_000;
const goalP99Ms = 5;
const goalRestartMs = 1000;

const whole = (value: number): string => Math.round(value).toLocaleString('en');

const quantile = (values: readonly number[], part: number): number => values[Math.floor((values.length - 1) * part)] ?? Number.NaN;

/** Appends one fact after the other and notes how long each took to be acknowledged. */
const writeOn = async (store: FactStore, writer: number, count: number, latenciesMs: number[]): Promise<void> => {
	for (let n = 0; n < count; n += 1) {
		const startMs = performance.now();
		await store.append([paused(`operator ${writer}, fact ${n}, ${'x'.repeat(100)}`, n)]);
		latenciesMs.push(performance.now() - startMs);
	}
};

const writeTogether = async (store: FactStore, count: number): Promise<readonly number[]> => {
	const latenciesMs: number[] = [];
	await Promise.all(Array.from({length: writers}, async (_, writer) => writeOn(store, writer, count, latenciesMs)));
	return latenciesMs.sort((a, b) => a - b);
};

type Pace = {readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number};

/** Acknowledged facts a second on a fresh store. */
const measurePace = async (autoCompact: boolean): Promise<Pace> => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role: 'console', autoCompact});
	await writeTogether(store, 100);
	const startMs = performance.now();
	const latenciesMs = await writeTogether(store, factsPerWriter);
	const perSecond = (latenciesMs.length / (performance.now() - startMs)) * 1000;
	await store.close();
	return {perSecond, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99)};
};

/** What the disk itself takes for 20 kB and a flush, without any store: no fact can be acknowledged sooner. */
const measureFlushMs = async (): Promise<number> => {
	await using folder = await createStoreFolder();
	return withFile(`${folder.path}.flushes`, 'wx', async handle => {
		const tookMs: number[] = [];
		for (let n = 0; n < 300; n += 1) {
			const startMs = performance.now();
			await handle.write(Buffer.alloc(20_000, 'x'));
			await handle.datasync();
			tookMs.push(performance.now() - startMs);
		}

		return quantile(
			tookMs.sort((a, b) => a - b),
			0.5,
		);
	});
};

const paceText = ({perSecond, p50Ms, p99Ms}: Pace): string =>
	`${whole(perSecond)}/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;

/** The middle one of three tries, since other work on the machine comes and goes. */
const measureAppends = async (): Promise<BenchRow> => {
	const flushMs = await measureFlushMs();
	const tries = [await measurePace(false), await measurePace(false), await measurePace(false)];
	const pace = tries.sort((a, b) => a.perSecond - b.perSecond)[1]!;
	return {
		figure: `journal: acknowledged facts, ${writers} writers`,
		goal: `≥ ${whole(goalFactsPerSecond)}/s, p99 ≤ ${goalP99Ms} ms`,
		result: `${paceText(pace)} (a bare flush: ${flushMs.toFixed(1)} ms)`,
		met: pace.perSecond >= goalFactsPerSecond && pace.p99Ms <= goalP99Ms,
	};
};

const measureAppendsInCompaction = async (): Promise<BenchRow> => ({
	figure: `journal: the same, compacting every ${whole(tailFacts)} facts`,
	goal: '',
	result: paceText(await measurePace(true)),
	met: undefined,
});

/** From the call that opens the store to State, with the longest tail that is ever left to replay. */
const measureRestart = async (): Promise<BenchRow> => {
	await using folder = await createStoreFolder();
	const {store} = await openStore({folder: folder.path, role: 'console', autoCompact: false});
	await writeTogether(store, tailFacts / writers);
	await store.close();
	const startMs = performance.now();
	const reopened = await openStore({folder: folder.path, role: 'console', autoCompact: false});
	const tookMs = performance.now() - startMs;
	await reopened.store.close();
	const isWhole = reopened.state.version === tailFacts;
	return {
		figure: `journal: restart with a tail of ${whole(tailFacts)} facts`,
		goal: `≤ ${whole(goalRestartMs)} ms`,
		result: `${whole(tookMs)} ms${isWhole ? '' : `, but ${whole(reopened.state.version)} facts`}`,
		met: isWhole && tookMs <= goalRestartMs,
	};
};

/** What killing the writer again and again costs, while it compacts. */
const measureKills = async (rounds: number): Promise<BenchRow> => {
	const {acknowledged, lost, wrong, mismatches, compactedRounds, killedInCompaction} = await killRounds(rounds);
	return {
		figure: `journal: kill -9 × ${rounds} with compaction`,
		goal: '0 acknowledged facts lost',
		result: `${lost} of ${whole(acknowledged)} lost, ${wrong} wrong, ${mismatches} states differ (${compactedRounds} rounds compacted, ${killedInCompaction} killed while writing a snapshot)`,
		met: lost + wrong + mismatches === 0,
	};
};

/** Measures the journal: its pace, a restart, and 100 kills (`STORE_KILL_ROUNDS` for another number). Takes a few minutes. */
export const journalBench = async (): Promise<BenchRow[]> => [
	await measureAppends(),
	await measureAppendsInCompaction(),
	await measureRestart(),
	await measureKills(Number(process.env['STORE_KILL_ROUNDS'] ?? 100)),
];
