import {existsSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {type Import, readSource, type SourceFile} from './helpers/read-source.js';

/**
 * Who may know whom; a layer always knows itself. `source` stands for the files that lie in `source/` itself. An adapter knows what is
 * true and who holds it, never another adapter.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
	state: [],
	source: ['state'],
	'source/acp': ['state', 'source'],
	'source/agents': ['state', 'source'],
	'source/launcher': ['state', 'source', 'source/agents'],
	'source/store': ['state', 'source'],
	'source/gateway': ['state', 'source'],
	'source/export': ['state', 'source'],
	'source/ctl': ['state', 'source'],
	'source/terminal': ['state', 'source'],
	'source/keys': ['state'],
	'source/ui': ['state', 'source', 'source/keys', 'source/terminal'],
};

/** Types alone may come from here: what is known when it runs stays as above. */
const mayImportTypes: Readonly<Record<string, readonly string[]>> = {'source/keys': ['source']};

/** These introduce the layers to one another, so they know all of them. */
const introducers = ['.', 'source/programs'];

const joints = ['cli.tsx', 'source/orchestrator.ts', 'source/ui/app.tsx'];

/** What would make a rule of `state/` answer differently the next time: clocks, chance, the world outside. */
const impure = [
	'Date.now',
	'new Date',
	'Date',
	'Math.random',
	'performance.now',
	'setTimeout',
	'setInterval',
	'setImmediate',
	'queueMicrotask',
	'fetch',
	'require',
];

const filesIn = (folder: string): readonly string[] =>
	readdirSync(folder, {recursive: true, withFileTypes: true})
		.filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
		.map(entry => path.join(path.relative('.', entry.parentPath), entry.name))
		.sort();

const product = [...filesIn('state'), ...filesIn('source'), ...(existsSync('cli.tsx') ? ['cli.tsx'] : [])].map(readSource);
const tests = filesIn('test').map(readSource);
const everything = [...product, ...tests];

/** The layer of a folder: the first two steps of its path, so that folders inside a layer belong to it; all of `state/` is one. */
const layerOf = (folder: string): string => {
	const [first = '', ...below] = folder.split(path.sep);
	return first === 'state' ? first : [first, ...below].slice(0, 2).join('/');
};

const namesOf = (files: readonly SourceFile[]): readonly string[] => files.map(({file}) => file);

const isAllowed = (layer: string, {target, isTypeOnly}: Import): boolean => {
	const known = [layer, ...(mayImport[layer] ?? []), ...(isTypeOnly ? (mayImportTypes[layer] ?? []) : [])];
	return known.includes(layerOf(path.dirname(target)));
};

describe('layers', () => {
	test.each(product.filter(({folder}) => !introducers.includes(folder)))('$file imports only what its layer may', ({folder, imports}) => {
		const layer = layerOf(folder);
		expect(mayImport, `the layer ${layer} has a rule`).toHaveProperty([layer]);
		expect(imports.filter(one => one.isOfProject && !isAllowed(layer, one)).map(({target}) => target)).toEqual([]);
	});

	test('nobody but those who introduce the layers imports them', () => {
		const isIntroducer = ({isOfProject, target}: Import) => isOfProject && introducers.includes(path.dirname(target));
		const wrong = product.filter(({folder, imports}) => !introducers.includes(folder) && imports.some(isIntroducer));
		expect(namesOf(wrong)).toEqual([]);
	});

	test('state/ knows no package, no clock and no chance', () => {
		const state = product.filter(({folder}) => layerOf(folder) === 'state');
		expect(state.length).toBeGreaterThan(20);
		expect(state.flatMap(({file, imports}) => imports.filter(one => !one.isOfProject).map(({target}) => `${file} → ${target}`))).toEqual(
			[],
		);
		expect(state.flatMap(({file, mentions}) => impure.filter(word => mentions.has(word)).map(word => `${file}: ${word}`))).toEqual([]);
	});
});

describe('sizes', () => {
	test('no file is longer than 300 lines; a test file that tells one story may have 400', () => {
		const most = (file: string): number => (file.startsWith('test/') ? 400 : 300);
		expect(everything.filter(({file, lineCount}) => lineCount > most(file)).map(({file, lineCount}) => `${file}: ${lineCount}`)).toEqual(
			[],
		);
	});

	test('the joints stay small', () => {
		const large = product.filter(({file, lineCount}) => joints.includes(file) && lineCount > 150);
		expect(large.map(({file, lineCount}) => `${file}: ${lineCount}`)).toEqual([]);
	});

	test('no function has more than 60 lines of its own', () => {
		const long = product.flatMap(({file, functions}) =>
			functions.filter(({ownLines}) => ownLines > 60).map(({name, line, ownLines}) => `${file}:${line} ${name}: ${ownLines}`),
		);
		expect(long).toEqual([]);
	});
});

describe('manners', () => {
	test('no file or folder is named for nothing in particular', () => {
		const vague = /(^|[/.-])(utils?|managers?|misc|common)([/.-]|$)/;
		expect(namesOf(product).filter(file => vague.test(file))).toEqual([]);
	});

	test('no file only hands on what others export', () => {
		expect(namesOf(everything.filter(({isBarrel, file}) => isBarrel || /\/index\.tsx?$/.test(file)))).toEqual([]);
	});

	test('no test replaces modules', () => {
		const replacing = ['vi.mock', 'vi.doMock', 'vi.hoisted', 'jest.mock'];
		expect(namesOf(tests.filter(({mentions}) => replacing.some(word => mentions.has(word))))).toEqual([]);
	});

	test('nothing is silenced or left for later', () => {
		const mark = /@ts-(ignore|nocheck|expect-error)|\b(TODO|FIXME|XXX)\b/;
		const marked = everything.filter(({comments}) => comments.some(comment => mark.test(comment)));
		expect(namesOf(marked)).toEqual([]);
	});
});
