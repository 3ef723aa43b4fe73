import {readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {ExpectedError, exitCodes} from '../errors.js';
import {writeExport} from '../export/export-file.js';
import {type ExportFormat, exportFileName, exportFormatOf} from '../export/export-format.js';
import {exportSession} from '../export/export-session.js';
import {streamExport} from '../export/export-stream.js';
import {ledgerChunks} from '../export/ledger-export.js';
import {readLedger} from '../ledger-file.js';
import type {Paths} from '../paths.js';
import {openStoreReadOnly} from '../store/open-store.js';
import {exportSources} from './export-sources.js';
import {pathsOfFlags, projectFolder, readFlags} from './flags.js';

const help = `
  Usage
    $ agent-tui export SESSION [options]
    $ agent-tui export --ledger [--format md|jsonl] [--output FILE] [--overwrite]

  Writes a whole session: prompts, output, requests with their decisions, times, exits. A console may be running meanwhile.

  Options
    --format md|jsonl|txt|cast   the form (default md)
    --tree                       with everything below the session
    --ledger                     every decision there ever was, with the frame that was shown, instead of a session
    --output FILE                where to write it; - is standard output (default: a file named after the session)
    --overwrite                  replace a file of that name
    --state-dir DIR              where the state lives (else $AGENT_TUI_HOME, else the XDG state folder of the project)
    --project DIR                the folder it works for (default: this one)
`;

const ownSecrets = ({operatorTokenFile}: Paths): readonly string[] => {
	try {
		return [readFileSync(operatorTokenFile, 'utf8').trim()];
	} catch {
		return [];
	}
};

type Delivery = {readonly output?: string | undefined; readonly overwrite: boolean; readonly fallback: string};

/** Writes an export where it is wanted, and says where that is. */
const deliver = async (chunks: AsyncIterable<string>, {output, overwrite, fallback}: Delivery): Promise<number> => {
	if (output === '-') {
		await streamExport(chunks, process.stdout);
	} else {
		process.stdout.write(`${await writeExport({chunks, file: output ?? fallback, overwrite})}\n`);
	}

	return exitCodes.ok;
};

type LedgerFlags = {
	readonly format: ExportFormat | undefined;
	readonly input: readonly string[];
	readonly paths: Paths;
} & Omit<Delivery, 'fallback'>;

const exportLedger = async ({format, input, paths, ...delivery}: LedgerFlags): Promise<number> => {
	if (input.length > 0 || (format !== 'md' && format !== 'jsonl')) {
		throw new ExpectedError('Could not export the ledger: it is of no session, and its forms are md and jsonl.', {
			hint: 'agent-tui export --ledger --format md|jsonl',
			exitCode: exitCodes.usage,
		});
	}

	const {state} = await openStoreReadOnly({folder: paths.folder});
	const chunks = ledgerChunks(await readLedger(paths.folder, state), {form: format, secrets: ownSecrets(paths)});
	return deliver(chunks, {...delivery, fallback: path.resolve(`ledger.${format}`)});
};

/** `agent-tui export`. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags, input} = readFlags(args, help, {
		format: {type: 'string', default: 'md'},
		tree: {type: 'boolean', default: false},
		ledger: {type: 'boolean', default: false},
		output: {type: 'string'},
		overwrite: {type: 'boolean', default: false},
		stateDir: {type: 'string'},
		project: {type: 'string'},
	});
	const format = exportFormatOf(flags.format);
	const paths = pathsOfFlags(flags, projectFolder(flags.project));
	if (flags.ledger) {
		return exportLedger({...flags, format, input, paths});
	}

	const [sessionId] = input;
	if (sessionId === undefined || input.length > 1) {
		throw new ExpectedError('Could not export: exactly one session must be named.', {
			hint: 'agent-tui export SESSION --format md|jsonl|txt|cast; `agentctl session list` shows the ids.',
			exitCode: exitCodes.usage,
		});
	}

	if (!format) {
		throw new ExpectedError(`Could not export as ${JSON.stringify(flags.format)}: the forms are md, jsonl, txt and cast.`, {
			exitCode: exitCodes.usage,
		});
	}

	const {state} = await openStoreReadOnly({folder: paths.folder});
	const chunks = exportSession({
		state,
		sessionId,
		tree: flags.tree,
		format,
		nowMs: Math.max(Date.now(), state.lastAtMs),
		secrets: ownSecrets(paths),
		...exportSources(paths),
	});
	return deliver(chunks, {...flags, fallback: path.resolve(exportFileName(state.sessions[sessionId]!, format))});
};
