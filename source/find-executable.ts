import {accessSync, constants, statSync} from 'node:fs';
import path from 'node:path';

const isExecutable = (file: string): boolean => {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
};

/** The absolute path of a program as a shell would find it; `undefined` when there is none. A name with a slash is taken from `cwd`. */
export const findExecutable = (name: string, {searchPath, cwd}: {searchPath: string; cwd: string}): string | undefined => {
	const candidates = name.includes('/')
		? [path.resolve(cwd, name)]
		: searchPath
				.split(':')
				.filter(folder => path.isAbsolute(folder))
				.map(folder => path.join(folder, name));
	return name === '' ? undefined : candidates.find(isExecutable);
};
