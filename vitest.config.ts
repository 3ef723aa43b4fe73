import {configDefaults, defineConfig} from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.{ts,tsx}'],
		// These need agent CLIs and have a config of their own.
		exclude: [...configDefaults.exclude, '**/*.agents.test.ts'],
		setupFiles: ['test/helpers/property-seed.ts'],
		pool: 'forks',
		maxWorkers: 2,
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
});
