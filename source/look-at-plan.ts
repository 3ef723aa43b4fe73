import {createHash} from 'node:crypto';
import {open, realpath} from 'node:fs/promises';
import path from 'node:path';
import type {EscalationPayload, Found} from '../state/escalation/escalation.js';
import {isInside} from '../state/escalation/path-inside.js';
import {unwrapCommand} from '../state/escalation/unwrap-command.js';
import {findExecutable} from './find-executable.js';

/** Larger files are no scripts, and reading them would hold up the request. */
const largestFile = 1024 * 1024;
const mostFiles = 16;
const mostPrograms = 32;

const followed = async (file: string): Promise<string | undefined> => realpath(file).catch(() => undefined);

/** SHA-256 of a plain file of moderate size; `undefined` for anything else. */
const digestOf = async (file: string): Promise<string | undefined> => {
	const handle = await open(file, 'r').catch(() => undefined);
	if (!handle) {
		return undefined;
	}

	try {
		const stats = await handle.stat();
		return stats.isFile() && stats.size <= largestFile
			? createHash('sha256')
					.update(await handle.readFile())
					.digest('hex')
			: undefined;
	} catch {
		return undefined;
	} finally {
		await handle.close();
	}
};

const resolveAll = async (
	programs: readonly string[],
	{searchPath, cwd}: {readonly searchPath: string; readonly cwd: string},
): Promise<Readonly<Record<string, string>>> => {
	const found = await Promise.all(
		programs.map(async program => {
			const file = findExecutable(program, {searchPath, cwd});
			return [program, file === undefined ? undefined : await followed(file)] as const;
		}),
	);
	return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
};

/** Files of the session's own folder that a command names: the agent can change them between the look and the run. */
const namedFiles = (lines: ReadonlyArray<readonly string[]>, cwd: string, folder: string): readonly string[] =>
	[...new Set(lines.flat())]
		.filter(word => word !== '' && !word.startsWith('-') && !word.includes('\0'))
		.map(word => path.resolve(cwd, word))
		.filter(file => isInside(file, {cwd: '/', folder}) && file !== cwd)
		.slice(0, mostFiles);

/**
 * What stands behind a plan on this machine now: the folder and the programs with links followed, and digests of the scripts it names.
 * Never rejects; `undefined` for a plan that names no command or a folder that is not here.
 */
export const lookAtPlan = async (
	payload: EscalationPayload | undefined,
	{folder, searchPath}: {readonly folder: string; readonly searchPath: string},
): Promise<Found | undefined> => {
	const {argv = [], cwd: named = folder} = payload ?? {};
	const cwd = argv.length === 0 ? undefined : await followed(path.resolve(folder, named));
	if (cwd === undefined) {
		return undefined;
	}

	const {seen} = unwrapCommand(argv);
	const programs = [...new Set(seen.map(([program]) => program!))].slice(0, mostPrograms);
	const executables = await resolveAll(programs, {searchPath, cwd});
	const digests = await Promise.all(
		namedFiles(seen, cwd, (await followed(folder)) ?? folder).map(async file => [file, await digestOf(file)] as const),
	);
	const files = Object.fromEntries(digests.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
	return {cwd, executables, ...(Object.keys(files).length > 0 && {files})};
};
