import {readFileSync} from 'node:fs';

/** The version in package.json, which lies above this file both in the sources and in what is built from them. */
export const packageVersion = (): string => {
	for (const up of ['../package.json', '../../package.json']) {
		try {
			const {name, version} = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as {name?: unknown; version?: unknown};
			if (name === 'agent-tui' && typeof version === 'string') {
				return version;
			}
		} catch {
			// Not there: one folder further up.
		}
	}

	return 'unknown';
};
