import {readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {ExpectedError, exitCodes} from '../errors.js';
import {writeExport} from '../export/export-file.js';
import {exportFileName, exportFormatOf} from '../export/export-format.js';
import {exportSession} from '../export/export-session.js';
import {streamExport} from '../export/export-stream.js';
import type {Paths} from '../paths.js';
import {openStoreReadOnly} from '../store/open-store.js';
import {exportSources} from './export-sources.js';
import {pathsOfFlags, projectFolder, readFlags} from './flags.js';

const help = `
  Usage
    $ agent-tui export SESSION [options]

  Writes a whole session: prompts, output, requests with their decisions, times, exits. A console may be running meanwhile.

  Options
    --format md|jsonl|txt|cast   the form (default md)
    --tree                       with everything below the session
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

/** `agent-tui export`. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags, input} = readFlags(args, help, {
		format: {type: 'string', default: 'md'},
		tree: {type: 'boolean', default: false},
		output: {type: 'string'},
		overwrite: {type: 'boolean', default: false},
		stateDir: {type: 'string'},
		project: {type: 'string'},
	});
	const [sessionId] = input;
	const format = exportFormatOf(flags.format);
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

	const paths = pathsOfFlags(flags, projectFolder(flags.project));
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
	if (flags.output === '-') {
		await streamExport(chunks, process.stdout);
		return exitCodes.ok;
	}

	const file = flags.output ?? path.resolve(exportFileName(state.sessions[sessionId]!, format));
	process.stdout.write(`${await writeExport({chunks, file, overwrite: flags.overwrite})}\n`);
	return exitCodes.ok;
};
