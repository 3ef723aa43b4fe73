import http from 'node:http';
import {builtinModules} from 'node:module';

const external = new Set([...builtinModules, 'node-pty', 'react-devtools-core']);

const isHttp = id => /^(?:node:)?http$/.test(id);

/** What libraries do at the start that nothing here needs. Every piece of text must be found: a new release shall not undo it unseen. */
const leaner = [
	{
		// Its WebAssembly is part of the file: fetching that loads an HTTP client, which takes as long as all of React.
		file: 'yoga-layout/dist/binaries/yoga-wasm-base64-esm.js',
		changes: [['"function"!=typeof fetch', 'true']],
	},
	{
		// That class of whole emoji takes tens of milliseconds to compile; every one of them holds something of the first class.
		file: 'string-width/index.js',
		changes: [
			[
				'rgiEmojiRegex.test(segment)',
				'(/[\\p{Emoji_Presentation}\\u200D\\uFE0F\\u{1F000}-\\u{10FFFF}]/u.test(segment) && rgiEmojiRegex.test(segment))',
			],
		],
	},
	{
		// The package file is this program's own: it needs no mending, nor the list of all licences that comes with that.
		file: 'meow/build/options.js',
		changes: [['normalizePackageData(pkg);', '']],
	},
	{
		file: 'meow/build/dependencies.js',
		changes: [
			['normalizeExports = requireNormalize();', 'normalizeExports = /* @__PURE__ */ requireNormalize();'],
			['getDefaultExportFromCjs(normalizeExports);', '/* @__PURE__ */ getDefaultExportFromCjs(normalizeExports);'],
		],
	},
];

const lean = {
	name: 'lean',
	transform: {
		filter: {id: /node_modules/},
		handler(code, id) {
			const found = leaner.find(({file}) => id.replaceAll('\\', '/').endsWith(`/node_modules/${file}`));
			return found?.changes.reduce((text, [from, to]) => {
				if (!text.includes(from)) {
					throw new Error(`${id} does not hold ${from} any more: see leaner in rolldown.config.mjs.`);
				}

				return text.replaceAll(from, () => to);
			}, code);
		},
	},
};

/** Imported as a module, it is asked for everything it exports, which loads an HTTP client that nothing here uses. */
const lightHttp = {
	name: 'light-http',
	resolveId: {filter: {id: /^(?:node:)?http$/}, handler: () => '\0http'},
	load: {
		filter: {id: /^\0http$/},
		handler: () => {
			const names = Object.getOwnPropertyNames(http).filter(name => 'value' in Object.getOwnPropertyDescriptor(http, name));
			return `const http = process.getBuiltinModule('node:http');\nexport default http;\nexport const {${names.join(', ')}} = http;\n`;
		},
	},
};

/**
 * The program as it is shipped: few large files instead of hundreds of small ones, which would cost three quarters of the time to the
 * first frame. What the compiler left in dist is its input and stays what tests load one by one.
 */
export default {
	input: {cli: 'dist/cli.js', 'compaction-worker': 'dist/source/store/compaction-worker.js'},
	platform: 'node',
	external: id => external.has(id.replace(/^node:/, '')) && !isHttp(id),
	transform: {define: {'process.env.NODE_ENV': '"production"'}},
	plugins: [lean, lightHttp],
	output: {dir: 'dist/bin', format: 'esm', cleanDir: true, chunkFileNames: '[name]-[hash].js'},
};
