import {readdir, readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {systemErrorCode} from '../../errors.js';
import type {Log} from '../../log.js';
import {parseScreenRules, type ScreenRules} from './schema.js';

/** Where the operator's own rules are looked for: `$XDG_CONFIG_HOME/agent-tui/screen-rules`. */
export const screenRulesFolder = (env: NodeJS.ProcessEnv): string => {
	const xdg = env['XDG_CONFIG_HOME'];
	const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.config');
	return path.join(base, 'agent-tui', 'screen-rules');
};

const longestFile = 256 * 1024;
const mostFiles = 100;

const readOne = async (file: string): Promise<ScreenRules> => {
	const text = await readFile(file, 'utf8');
	if (text.length > longestFile) {
		throw new Error(`it is longer than ${longestFile} characters`);
	}

	return parseScreenRules(JSON.parse(text));
};

/** The rules in a folder, in the order of the files' names. A wrong file is told to the log and left out; a missing folder has none. */
export const readUserRules = async (folder: string, log: Log): Promise<readonly ScreenRules[]> => {
	let names: readonly string[];
	try {
		names = (await readdir(folder)).filter(name => name.endsWith('.json')).sort();
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') {
			log(`Could not read the screen rules in ${folder}.`, error);
		}

		return [];
	}

	const read: ScreenRules[] = [];
	for (const name of names.slice(0, mostFiles)) {
		const file = path.join(folder, name);
		try {
			read.push(await readOne(file));
		} catch (error) {
			log(`Could not use the screen rules of ${file}.`, error);
		}
	}

	return read;
};

/** Rules for one agent out of several sets: those of earlier sets come first, and replace later rules of the same name. */
export const rulesFor = (agent: string, sets: readonly ScreenRules[]): Pick<ScreenRules, 'titles' | 'rules'> => {
	const own = sets.filter(set => set.agent === agent);
	const rules = own.flatMap(set => set.rules);
	return {
		titles: own.flatMap(set => set.titles),
		rules: rules.filter((rule, at) => rules.findIndex(({name}) => name === rule.name) === at),
	};
};
