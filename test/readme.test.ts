import {existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {expect, test} from 'vitest';
import {adapters} from '../source/agents/registry.js';
import {readConfig} from '../source/config.js';
import {commands} from '../source/ctl/commands.js';
import {exitCodes} from '../source/errors.js';
import {keyTable} from '../source/keys/help.js';

const readme = readFileSync(new URL('../readme.md', import.meta.url), 'utf8');

test('shows the keys as the table has them; `npm run readme` writes them', () => {
	expect(readme.split('<!-- keys -->')[1]?.split('<!-- /keys -->')[0]?.trim()).toBe(keyTable().trim());
});

test('names only tests and pictures that exist', () => {
	const tests = [...readme.matchAll(/`(test\/[^`]+\.tsx?)`/g)].map(([, file]) => file!);
	expect(tests.length).toBeGreaterThan(10);
	expect(tests.filter(file => globSync(file).length === 0)).toEqual([]);
	const pictures = [...readme.matchAll(/\]\((media\/[^)]+)\)/g)].map(([, file]) => file!);
	expect(pictures.filter(file => !existsSync(file))).toEqual([]);
});

test('documents every exit code', () => {
	const documented = [...readme.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, codes]) => codes!.split(',').map(Number));
	expect(documented).toEqual(expect.arrayContaining(Object.values(exitCodes)));
});

test('shows a configuration that is taken', async () => {
	const [, written = ''] = /```json\n(\{\n {2}"agents".*?)```/s.exec(readme) ?? [];
	const folder = mkdtempSync(path.join(os.tmpdir(), 'agent-tui-readme-'));
	const file = path.join(folder, 'config.json');
	writeFileSync(file, written);
	try {
		const {agents, limits, policies} = await readConfig({AGENT_TUI_CONFIG: file, PATH: '/nowhere'}, adapters);
		expect(agents.map(({name}) => name)).toEqual(['shell', 'reviewer', 'nightly']);
		expect(limits.concurrent).toBe(20);
		expect(policies).toHaveLength(1);
	} finally {
		rmSync(folder, {recursive: true});
	}
});

test('names only commands of agentctl that exist', () => {
	const words = new Set(commands.map(({words: [first, second]}) => `${first} ${second}`));
	const named = [...readme.matchAll(/agentctl (?:--[\w-]+ [\w.]+ )?([a-z]+) ([a-z-]+)/g)].map(([, first, second]) => `${first} ${second}`);
	expect(named.length).toBeGreaterThan(8);
	expect(named.filter(name => !words.has(name) && !name.startsWith('completion'))).toEqual([]);
});
