import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {transcriptUsage} from '../../source/ctl/transcript-usage.js';

const message = (id: string, usage: object) => ({type: 'assistant', message: {id, role: 'assistant', usage}});

const usageOf = (lines: readonly (object | string)[]) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'transcript-'));
	const file = path.join(folder, 'transcript.jsonl');
	writeFileSync(file, lines.map(line => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''));
	try {
		return transcriptUsage(file);
	} finally {
		rmSync(folder, {recursive: true});
	}
};

describe('the sums of a transcript', () => {
	test('Claude’s messages count once, however many lines they have, with what was cached', () => {
		const cached = {input_tokens: 1, cache_creation_input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 7};
		const lines = [message('m1', {...cached, output_tokens: 3}), message('m1', cached), message('m2', {input_tokens: 5, output_tokens: 2})];
		expect(usageOf(lines)).toEqual({input_tokens: 116, output_tokens: 9});
	});

	test('Copilot’s records are added up', () => {
		const record = {type: 'session.usage_record', data: {usage: {inputTokens: 100, outputTokens: 7}}};
		expect(usageOf([record, {type: 'abort', data: {}}, record])).toEqual({input_tokens: 200, output_tokens: 14});
	});

	test('a line that is being written, or says anything odd, is passed over', () => {
		const odd = [message('m1', {input_tokens: -4, output_tokens: 'many'}), '{"message":{"usage":{"input_tokens":9'];
		expect(usageOf(odd)).toEqual({input_tokens: 0, output_tokens: 0});
		expect([usageOf([]), transcriptUsage('/nonexistent')]).toEqual([undefined, undefined]);
	});
});
