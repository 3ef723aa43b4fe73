import {statSync} from 'node:fs';
import path from 'node:path';
import meow from 'meow';
import {ExpectedError, exitCodes} from '../errors.js';
import {type Paths, pathsOf, stateFolder} from '../paths.js';

type FlagDefinitions = Parameters<typeof meow>[0] extends infer Options
	? Options extends {flags?: infer Flags}
		? NonNullable<Flags>
		: never
	: never;

/** Reads a program's flags with meow: `--help` and `--version` are answered, an unknown flag is a usage error (exit 2). */
export const readFlags = <Flags extends FlagDefinitions>(args: readonly string[], help: string, flags: Flags) =>
	meow(help, {importMeta: import.meta, argv: [...args], flags, allowUnknownFlags: false, description: false});

/** The project's folder as an absolute path; a sentence when it is not there. */
export const projectFolder = (project: string | undefined): string => {
	const folder = path.resolve(project ?? '.');
	const stats = statSync(folder, {throwIfNoEntry: false});
	if (!stats?.isDirectory()) {
		throw new ExpectedError(`The project folder ${folder} ${stats ? 'is not a folder' : 'does not exist'}.`, {
			hint: 'Give an existing folder with --project, or start in one.',
			exitCode: exitCodes.usage,
		});
	}

	return folder;
};

/** Where the state of this call lives. */
export const pathsOfFlags = (flags: {readonly stateDir?: string | undefined}, project: string): Paths =>
	pathsOf(stateFolder({stateDir: flags.stateDir, project, env: process.env}));
