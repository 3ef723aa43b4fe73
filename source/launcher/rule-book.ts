import {existsSync, type FSWatcher, watch} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {createScreenReader, type ScreenReader} from '../agents/screen-rules/reader.js';
import type {ScreenRules} from '../agents/screen-rules/schema.js';
import {readUserRules, rulesFor, screenRulesFolder} from '../agents/screen-rules/user-rules.js';
import type {Log} from '../log.js';
import {createListeners} from './listeners.js';

/** How the screens of each kind of agent are read: the rules that come with the program, after the operator's own. */
export type RuleBook = {
	/** Undefined for an agent without rules, and for a moment after the first question. */
	readerOf(adapter: string | undefined): ScreenReader | undefined;
	/** Hears when rules came or changed: what was read before may read otherwise. */
	onChange(listener: () => void): () => void;
	/** Resolves when the rules that were on the disk when it was called are in force. */
	loaded(): Promise<void>;
	close(): void;
};

export type RuleBookOptions = {
	/** The operator's rules; read again whenever they change. */
	readonly folder?: string;
	readonly log: Log;
};

const settleMs = 150;

const nearestFolder = (folder: string): string => (existsSync(folder) ? folder : nearestFolder(path.dirname(folder)));

/** Calls back some time after anything in a folder changed, which may not be there yet. */
const watchFolder = (folder: string, onChange: () => void, log: Log) => {
	let watcher: FSWatcher | undefined;
	let timer: NodeJS.Timeout | undefined;
	let isClosed = false;

	const changed = () => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			// What is watched may be a folder above one that has come, or one that has gone.
			arm();
			onChange();
		}, settleMs).unref();
	};

	const arm = () => {
		watcher?.close();
		if (isClosed) {
			return;
		}

		try {
			watcher = watch(nearestFolder(folder), {persistent: false}, changed);
			watcher.on('error', error => log(`Could not watch the screen rules in ${folder}.`, error));
		} catch (error) {
			log(`Could not watch the screen rules in ${folder}.`, error);
		}
	};

	arm();
	return () => {
		isClosed = true;
		clearTimeout(timer);
		watcher?.close();
	};
};

/** Nothing is read or watched before somebody asks for an agent by name. */
export const createRuleBook = ({folder = screenRulesFolder(process.env), log}: RuleBookOptions): RuleBook => {
	let sets: readonly ScreenRules[] = [];
	const readers = new Map<string, ScreenReader>();
	const changes = createListeners<void>({log, what: 'screen rules'});
	let loading: Promise<void> | undefined;
	let stopWatching: (() => void) | undefined;
	let isClosed = false;

	const load = async () => {
		try {
			// The checks of a schema take a while to load, and most of the time nobody waits for them.
			const {builtinScreenRules} = await import('../agents/screen-rules/builtin.js');
			sets = [...(await readUserRules(folder, log)), ...builtinScreenRules];
			readers.clear();
			changes.tell();
		} catch (error) {
			log('Could not read the screen rules.', error);
		}
	};

	const reload = () => {
		loading = (loading ?? Promise.resolve()).then(load);
		return loading;
	};

	const begin = () => {
		if (!stopWatching && !isClosed) {
			stopWatching = watchFolder(folder, () => void reload(), log);
			void reload();
		}
	};

	return {
		readerOf(adapter) {
			if (adapter === undefined) {
				return undefined;
			}

			begin();
			const known = readers.get(adapter);
			const isKnown = known !== undefined || !sets.some(({agent}) => agent === adapter);
			if (isKnown) {
				return known;
			}

			const reader = createScreenReader(rulesFor(adapter, sets), pattern =>
				log(`A screen rule of ${adapter} is too slow and was switched off: ${pattern}`),
			);
			readers.set(adapter, reader);
			return reader;
		},
		onChange: changes.add,
		async loaded() {
			begin();
			await loading;
		},
		close() {
			isClosed = true;
			stopWatching?.();
		},
	};
};
