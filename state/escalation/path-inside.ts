/** An absolute path without `.`, `..` and doubled slashes, by its letters alone: links are not followed. */
export const normalPath = (path: string): string => {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') {
			parts.pop();
		} else if (part !== '' && part !== '.') {
			parts.push(part);
		}
	}

	return `/${parts.join('/')}`;
};

/** Whether `path`, read from `cwd`, lies in `folder` or is it. `~` and what a shell would expand never does. */
export const isInside = (path: string, {cwd, folder}: {readonly cwd: string; readonly folder: string}): boolean => {
	if (/^~|[$`]/.test(path)) {
		return false;
	}

	const absolute = normalPath(path.startsWith('/') ? path : `${cwd}/${path}`);
	const top = normalPath(folder);
	return absolute === top || absolute.startsWith(top === '/' ? '/' : `${top}/`);
};
