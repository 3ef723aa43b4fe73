import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** A folder for one test, short enough for sockets; gone at the end of its scope. */
export const createLauncherFolder = () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-tui-l-'));
	return {
		folder,
		file: (name: string) => path.join(folder, name),
		[Symbol.dispose]() {
			rmSync(folder, {recursive: true, force: true, maxRetries: 5});
		},
	};
};
