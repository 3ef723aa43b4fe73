import {createReadStream} from 'node:fs';
import {appendFile, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {type LedgerEntry, ledgerEntries, ledgerEntry} from '../state/escalation/ledger.js';
import type {Fact} from '../state/fact.js';
import type {State} from '../state/state.js';
import {systemErrorCode} from './errors.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

/** A file this long is set aside for a new one; the oldest of so many goes. */
const longestFileBytes = 16 * 1024 * 1024;
const filesKept = 8;
/** What is longer is kept without the texts that nobody reads again. */
const longestEntry = 64 * 1024;

/** The ledger's files in a state folder, the newest first. */
export const ledgerFiles = (folder: string): readonly string[] =>
	Array.from({length: filesKept}, (_, age) => path.join(folder, age === 0 ? 'ledger.jsonl' : `ledger.${age}.jsonl`));

const brief = (entry: LedgerEntry): LedgerEntry => {
	const {argv = [], cwd, tool} = entry.payload ?? {};
	const short = argv.join(' ').length <= longestEntry / 8;
	const payload = {...(tool !== undefined && {tool}), ...(cwd !== undefined && {cwd}), ...(short && argv.length > 0 && {argv})};
	return {
		...entry,
		text: entry.text.slice(0, 1000),
		payload,
		...(entry.shown && {shown: {...entry.shown, text: entry.shown.text?.slice(0, 10_000) ?? ''}}),
	};
};

const lineOf = (entry: LedgerEntry): string => {
	const line = JSON.stringify(entry);
	return `${line.length <= longestEntry ? line : JSON.stringify(brief(entry))}\n`;
};

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;

const setAside = async (folder: string): Promise<void> => {
	const files = ledgerFiles(folder);
	await rm(files.at(-1)!, {force: true});
	for (let age = files.length - 2; age >= 0; age--) {
		await rename(files[age]!, files[age + 1]!).catch((error: unknown) => {
			if (systemErrorCode(error) !== 'ENOENT') {
				throw error;
			}
		});
	}
};

const parsed = (line: string): LedgerEntry | undefined => {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && 'id' in value && 'outcome' in value ? (value as LedgerEntry) : undefined;
	} catch {
		// A line that was being written when the machine stopped.
		return undefined;
	}
};

async function* linesOf(file: string): AsyncGenerator<string> {
	const stream = createReadStream(file, 'utf8');
	try {
		yield* createInterface({input: stream, crlfDelay: Number.POSITIVE_INFINITY});
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') {
			throw error;
		}
	} finally {
		stream.destroy();
	}
}

/** Every entry of the ledger in a state folder, newest first: those of its files, and those State still has, which know best. */
export const readLedger = async (folder: string, state?: State): Promise<readonly LedgerEntry[]> => {
	const entries = new Map<string, LedgerEntry>();
	for (const file of ledgerFiles(folder).toReversed()) {
		for await (const line of linesOf(file)) {
			const entry = parsed(line);
			if (entry) {
				entries.set(entry.id, entry);
			}
		}
	}

	for (const entry of state ? ledgerEntries(state) : []) {
		entries.set(entry.id, entry);
	}

	return [...entries.values()].sort((a, b) => b.closedAtMs - a.closedAtMs || (a.id < b.id ? 1 : -1));
};

/** The closed requests that facts are about. */
const closedBy = (fact: Fact): string | undefined =>
	fact.type === 'escalation.decided' ||
	fact.type === 'escalation.expired' ||
	fact.type === 'escalation.withdrawn' ||
	fact.type === 'escalation.superseded' ||
	fact.type === 'escalation.delivered'
		? fact.escalationId
		: undefined;

/**
 * Writes every request that closes to the ledger's file, for State forgets old ones. First what closed while nobody wrote. A disk that
 * fails is told to the log; what is missing then is added at the next start. Gives a function that waits for the last line.
 */
export const keepLedger = ({
	orchestrator,
	folder,
	log,
}: {
	readonly orchestrator: Orchestrator;
	readonly folder: string;
	readonly log: Log;
}): (() => Promise<void>) => {
	const [file = ''] = ledgerFiles(folder);
	const write = async (entries: readonly LedgerEntry[]): Promise<void> => {
		if (entries.length === 0) {
			return;
		}

		if ((await sizeOf(file)) > longestFileBytes) {
			await setAside(folder);
		}

		await appendFile(file, entries.map(lineOf).join(''), {mode: 0o600});
	};

	let written: Promise<void> = Promise.resolve();
	const queue = (work: () => Promise<void>): void => {
		written = written.then(work).catch((error: unknown) => log('Could not write the ledger.', error));
	};

	const closedBefore = ledgerEntries(orchestrator.getState()).toReversed();
	queue(async () => {
		const known = new Set((await readLedger(folder)).map(({id, deliveredAtMs}) => `${id} ${deliveredAtMs !== undefined}`));
		await write(closedBefore.filter(({id, deliveredAtMs}) => !known.has(`${id} ${deliveredAtMs !== undefined}`)));
	});

	const stop = orchestrator.subscribe(batch => {
		const state = orchestrator.getState();
		const ids = new Set(batch.flatMap(({fact}) => closedBy(fact) ?? []));
		const entries = [...ids].flatMap(id => {
			const escalation = state.escalations[id];
			return (escalation && ledgerEntry(state, escalation)) ?? [];
		});
		queue(() => write(entries));
	});
	return async () => {
		stop();
		await written;
	};
};
