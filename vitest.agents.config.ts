import {defineConfig} from 'vitest/config';

/** Tests with real agent CLIs, one file at a time: `npm run agents:install` puts the CLIs in place. */
export default defineConfig({
	test: {
		include: ['test/agents/**/*.agents.test.ts'],
		pool: 'forks',
		maxWorkers: 1,
		testTimeout: 300_000,
		hookTimeout: 60_000,
	},
});
