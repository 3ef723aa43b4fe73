import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {type RolldownOptions, rolldown} from 'rolldown';
import stringWidth from 'string-width';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'agent-tui-bundle-'));
let config: RolldownOptions;

beforeAll(async () => {
	const url = pathToFileURL(path.join(root, 'rolldown.config.mjs')).href;
	config = ((await import(url)) as {default: RolldownOptions}).default;
});

afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Bundles a few lines of code as the program is bundled, and tells where they are. */
const bundle = async (name: string, code: string): Promise<string> => {
	const input = path.join(folder, `${name}.in.mjs`);
	writeFileSync(input, code);
	const {platform, external, plugins} = config;
	const built = await rolldown({input, platform: platform!, external: external!, plugins, cwd: root, logLevel: 'silent'});
	const file = path.join(folder, `${name}.mjs`);
	await built.write({file, format: 'esm', codeSplitting: false});
	await built.close();
	return file;
};

const installed = (file: string): string => JSON.stringify(path.join(root, 'node_modules', file));

const printed = (file: string): string => execFileSync(process.execPath, [file], {encoding: 'utf8'}).trim();

/** Sequences of several code points that make one emoji, and some that make none. */
const sequences = [
	...['👨‍👩‍👧', '🏳️‍🌈', '❤️‍🔥', '👍🏽', '☝🏻', '⚠️', '☎️', '1️⃣', '#⃣', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '✍🏿', '⛹🏻‍♂️', '♀️'],
	...['⚠︎', 'é', '각', 'ｱﾞ', 'กำ', '☺', '♥', '…●·─│╭▶◆', '❯', '\u001B[1m●\u001B[0m', '🇩', '\uFE0F', '\u200D'],
];

describe('what the bundle leaves out', () => {
	test('changes no width of any text', async () => {
		const file = await bundle('widths', `export {default} from ${installed('string-width/index.js')};`);
		const {default: bundledWidth} = (await import(pathToFileURL(file).href)) as {default: typeof stringWidth};
		const differing: string[] = sequences.filter(text => bundledWidth(text) !== stringWidth(text));
		for (let codePoint = 0x7f; codePoint <= 0x1_fb_ff; codePoint += 1) {
			const character = String.fromCodePoint(codePoint);
			const isBaseOfMany = codePoint < 0x33_00 || codePoint >= 0x1_f0_00;
			for (const text of isBaseOfMany ? [character, `${character}\uFE0F`, `${character}\u20E3`] : [character]) {
				if (bundledWidth(text) !== stringWidth(text)) {
					differing.push(text);
				}
			}
		}

		expect(differing).toEqual([]);
	});

	test('is the HTTP client behind fetch, which neither HTTP servers nor the layout need', async () => {
		const file = await bundle(
			'clients',
			`import http, {createServer, request} from 'node:http';
			import Yoga from ${installed('yoga-layout/dist/src/index.js')};
			import {WebSocketServer} from ${installed('ws/wrapper.mjs')};
			const node = Yoga.Node.create();
			node.setWidth(7);
			node.calculateLayout();
			const server = new WebSocketServer({noServer: true});
			const isLoaded = process.moduleLoadList.some(name => name.includes('undici'));
			console.log(JSON.stringify([isLoaded, node.getComputedWidth(), http.createServer === createServer, typeof request, server.clients.size]));`,
		);
		expect(JSON.parse(printed(file))).toEqual([false, 7, true, 'function', 0]);
	});

	test('is nothing that flags need', async () => {
		const file = await bundle(
			'flags',
			`import meow from ${installed('meow/build/index.js')};
			const {flags, pkg} = meow('help', {importMeta: {url: ${JSON.stringify(pathToFileURL(path.join(root, 'cli.tsx')).href)}}, argv: ['--state-dir', 'x'], flags: {stateDir: {type: 'string'}}});
			console.log(JSON.stringify([flags.stateDir, pkg.name, pkg.version]));`,
		);
		const [stateDir, name, version] = JSON.parse(printed(file)) as readonly string[];
		expect([stateDir, name]).toEqual(['x', 'agent-tui']);
		expect(version).toMatch(/^\d+\.\d+\.\d+/);
	});
});
