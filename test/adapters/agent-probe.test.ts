import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import type {AgentAdapter} from '../../source/agent-adapter.js';
import {probeAgents} from '../../source/agent-probe.js';

const adapterOf = (name: string, program?: string): AgentAdapter => ({
	name,
	...(program !== undefined && {program, title: `${name} title`}),
	passedEnv: [],
	plan: () => ({file: name, args: [], env: {}}),
});

/** A folder with programs of one script each. */
const openBin = async (scripts: Readonly<Record<string, string>>) => {
	const folder = await mkdtemp(path.join(tmpdir(), 'probe-'));
	for (const [name, script] of Object.entries(scripts)) {
		await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`, {mode: 0o755});
	}

	const env = {PATH: `${folder}:/usr/bin:/bin`};
	return {folder, env, [Symbol.asyncDispose]: () => rm(folder, {recursive: true, force: true})};
};

describe('installed agents', () => {
	test('are told with their path and the version in whatever they print', async () => {
		await using bin = await openBin({
			'fake-a': '[ "$1" = --version ] && echo "fake-a 2.1.329 (Fake Code)"',
			'fake-b': 'echo v0.24.4-beta.1 >&2',
		});
		const adapters = [adapterOf('a', 'fake-a'), adapterOf('b', 'fake-b'), adapterOf('c', 'fake-c'), adapterOf('shell')];
		expect(await probeAgents(bin.env, {adapters})).toEqual([
			{name: 'a', title: 'a title', file: `${bin.folder}/fake-a`, version: '2.1.329'},
			{name: 'b', title: 'b title', file: `${bin.folder}/fake-b`, version: '0.24.4-beta.1'},
		]);
	});

	test('one that tells no version is there all the same, with the reason', async () => {
		await using bin = await openBin({'fake-a': 'exit 3', 'fake-b': 'echo hello', 'fake-c': 'exec sleep 60'});
		const adapters = ['a', 'b', 'c'].map(name => adapterOf(name, `fake-${name}`));
		const found = await probeAgents(bin.env, {adapters, timeoutMs: 300});
		expect(found.map(({version}) => version)).toEqual([undefined, undefined, undefined]);
		expect(found.map(({why}) => why)).toEqual([
			expect.stringContaining('could not tell its version'),
			'It told no version.',
			'It did not tell its version within 0.3 s.',
		]);
	});

	test('are asked again only when their program changed', async () => {
		await using bin = await openBin({'fake-a': 'echo x >> "$0.asked"; echo 1.0.0'});
		const adapters = [adapterOf('a', 'fake-a')];
		const versions = async () => (await probeAgents(bin.env, {adapters})).map(({version}) => version);
		expect([await versions(), await versions()]).toEqual([['1.0.0'], ['1.0.0']]);
		expect(await readFile(path.join(bin.folder, 'fake-a.asked'), 'utf8')).toBe('x\n');
		await rm(path.join(bin.folder, 'fake-a'));
		await writeFile(path.join(bin.folder, 'fake-a'), '#!/bin/sh\necho 1.0.1\n', {mode: 0o755});
		expect(await versions()).toEqual(['1.0.1']);
	});
});
