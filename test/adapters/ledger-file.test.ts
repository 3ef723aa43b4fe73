import {appendFile, mkdir, readFile, stat, writeFile} from 'node:fs/promises';
import {expect, test} from 'vitest';
import {ledgerChunks} from '../../source/export/ledger-export.js';
import {keepLedger, ledgerFiles, readLedger} from '../../source/ledger-file.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {agentOf, launcher, operator, system} from '../helpers/state-fleet.js';
import {createStoreFolder} from '../helpers/store-folder.js';

const open = async () => {
	const place = await createStoreFolder();
	const folder = place.path;
	await mkdir(folder, {recursive: true});
	const {orchestrator} = await createMemoryOrchestrator();
	const created = await orchestrator.send({type: 'session.create', agent: 'shell', cwd: '/w', text: 'x'}, {actor: operator});
	const runId = (created.refused ? [] : created.facts).map(({fact}) => fact).find(fact => fact.type === 'run.queued')!.run.id;
	await orchestrator.send({type: 'queue.dispatch'}, {actor: system});
	await orchestrator.send({type: 'attempt.started', runId, generation: 1, pid: 5}, {actor: launcher});
	const decide = async (text: string, choice: 'approve' | 'deny' = 'deny') => {
		const plan = {runId, kind: 'approval', text, payload: {argv: ['npm', text], cwd: '/w'}, blocking: true, fingerprint: text} as const;
		await orchestrator.send({type: 'escalation.raise', ...plan}, {actor: agentOf(runId)});
		const [escalationId = ''] = orchestrator.getState().index.openEscalations;
		const frame = {frame: 'f', columns: 80, rows: 24, text: `the frame of ${text}`};
		await orchestrator.send({type: 'escalation.show', escalationId, ...frame}, {actor: operator});
		await orchestrator.send({type: 'escalation.decide', escalationId, fingerprint: text, choice}, {actor: operator});
		return escalationId;
	};
	const keep = () => keepLedger({orchestrator, folder, log: message => expect.fail(message)});
	return {folder, orchestrator, decide, keep, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]()};
};

test('every decision is written once it is made, and what was decided before is added at the start', async () => {
	await using ledger = await open();
	const early = await ledger.decide('early');
	const stop = ledger.keep();
	const late = await ledger.decide('late', 'approve');
	await stop();
	expect((await readLedger(ledger.folder)).map(({id, outcome}) => [id, outcome]).toSorted()).toEqual(
		[
			[early, 'denied'],
			[late, 'approved'],
		].toSorted(),
	);
	const again = ledger.keep();
	await again();
	const [file = ''] = ledgerFiles(ledger.folder);
	expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
	expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a delivery is noted, and State knows best', async () => {
	await using ledger = await open();
	const stop = ledger.keep();
	const id = await ledger.decide('one', 'approve');
	await ledger.orchestrator.send({type: 'escalation.deliver', escalationId: id}, {actor: system});
	await stop();
	expect(await readLedger(ledger.folder)).toMatchObject([{id, deliveredAtMs: expect.any(Number), shown: {text: 'the frame of one'}}]);
	expect(await readLedger(ledger.folder, ledger.orchestrator.getState())).toHaveLength(1);
});

test('a line that was torn by a crash is skipped', async () => {
	await using ledger = await open();
	const stop = ledger.keep();
	await ledger.decide('one');
	await stop();
	const [file = ''] = ledgerFiles(ledger.folder);
	await appendFile(file, '{"id":"esc_torn","outco');
	expect(await readLedger(ledger.folder)).toHaveLength(1);
});

test('a file that is full is set aside, and the oldest goes', async () => {
	await using ledger = await open();
	const files = ledgerFiles(ledger.folder);
	await writeFile(files[0]!, `${'x'.repeat(17 * 1024 * 1024)}\n`);
	await writeFile(files.at(-1)!, '{"id":"esc_old","outcome":"denied","closedAtMs":1}\n');
	const stop = ledger.keep();
	await ledger.decide('fresh');
	await stop();
	expect((await readLedger(ledger.folder)).map(({text}) => text)).toEqual(['fresh']);
	expect((await stat(files[0]!)).size).toBeLessThan(10_000);
	expect((await stat(files[1]!)).size).toBeGreaterThan(16 * 1024 * 1024);
});

test('the export has every field, redacts, and holds no character that a terminal would act on', async () => {
	await using ledger = await open();
	await ledger.decide('\u001B[31m ghp_abcdefghijklmnopqrstuvwxyz0123\u202E');
	const entries = await readLedger(ledger.folder, ledger.orchestrator.getState());
	const whole = async (form: 'md' | 'jsonl') => {
		let text = '';
		for await (const chunk of ledgerChunks(entries, {form, secrets: []})) {
			text += chunk;
		}

		return text;
	};
	const [line = ''] = (await whole('jsonl')).split('\n');
	expect(JSON.parse(line)).toMatchObject({
		type: 'decision',
		outcome: 'denied',
		by: 'ada',
		frame_size: '80x24',
		frame_sha256: 'f',
		waited_ms: 0,
	});
	for (const form of ['md', 'jsonl'] as const) {
		const text = await whole(form);
		expect(text).not.toMatch(/[\u001B\u202E]/);
		expect(text).not.toContain('ghp_abcdefghijklmnopqrstuvwxyz0123');
	}

	expect(await whole('md')).toContain('denied by ada');
});
