import {existsSync, globSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
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
