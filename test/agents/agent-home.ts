import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type AgentSeed, agentSeeds, type SeededAgent} from './agent-seeds.js';
import {nodeFolder} from './agents-folder.js';

/** A home made for one agent in one test, and an empty folder for it to work in. */
export type AgentHome = Pick<AgentSeed, 'manual' | 'interactive' | 'headless'> &
	Disposable & {
		readonly home: string;
		readonly cwd: string;
		/** The whole environment of the agent: nothing of the tests' own gets through. */
		readonly env: Readonly<Record<string, string>>;
	};

/** Makes a throw-away home in which the agent starts without asking anything and talks to the scripted model at `url`. */
export const createAgentHome = (name: SeededAgent, url: string): AgentHome => {
	const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'agent-tui-a-')));
	const home = path.join(folder, 'home');
	const cwd = path.join(folder, 'work');
	mkdirSync(home);
	mkdirSync(cwd);
	const {files, env, manual, interactive, headless} = agentSeeds[name]({home, cwd, url});
	for (const [file, text] of Object.entries(files)) {
		mkdirSync(path.join(home, path.dirname(file)), {recursive: true});
		writeFileSync(path.join(home, file), text);
	}

	return {
		home,
		cwd,
		manual,
		interactive,
		headless,
		env: {
			PATH: [nodeFolder(), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
			HOME: home,
			LANG: 'C.UTF-8',
			TERM: 'xterm-256color',
			COLORTERM: 'truecolor',
			...env,
		},
		[Symbol.dispose]() {
			rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 200});
		},
	};
};
