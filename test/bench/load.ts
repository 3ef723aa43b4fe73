import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const sources = fileURLToPath(new URL('../../../test/bench/load/', import.meta.url));

/** Compiles one of the load generators (C, so that they cost nothing beside what they load) and tells where it is. */
export const loadProgram = (name: 'repaint' | 'echo'): string => {
	const folder = path.join(tmpdir(), 'agent-tui-bench');
	mkdirSync(folder, {recursive: true});
	const program = path.join(folder, name);
	if (!existsSync(program)) {
		execFileSync('cc', ['-O2', '-o', program, path.join(sources, `${name}.c`)]);
	}

	return program;
};
