import {builtinModules} from 'node:module';

const external = new Set([...builtinModules, 'node-pty', 'react-devtools-core']);

/**
 * The program as it is shipped: few large files instead of hundreds of small ones, which would cost three quarters of the time to the
 * first frame. What the compiler left in dist is its input and stays what tests load one by one.
 */
export default {
	input: {cli: 'dist/cli.js', 'compaction-worker': 'dist/source/store/compaction-worker.js'},
	platform: 'node',
	external: id => external.has(id.replace(/^node:/, '')),
	transform: {define: {'process.env.NODE_ENV': '"production"'}},
	output: {dir: 'dist/bin', format: 'esm', cleanDir: true, chunkFileNames: '[name]-[hash].js'},
};
