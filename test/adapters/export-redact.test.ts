import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {exportSession} from '../../source/export/export-session.js';
import {createRedact, createScreenRedact} from '../../source/export/redact.js';
import {exportOptions, livedFleet, textOf} from '../helpers/export-fleet.js';

// Put together here, so that no scanner takes this file for a leak.
const filler = 'aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9';
const tokens = {
	'an OpenAI key': `sk-${filler}`,
	'a project key': `sk-proj-${filler}`,
	'an Anthropic key': `sk-ant-api03-${filler}`,
	'a GitHub token': `ghp_${filler.slice(0, 36)}`,
	'a GitHub app token': `ghs_${filler.slice(0, 36)}`,
	'a fine-grained GitHub token': `github_pat_${filler}`,
	'a GitLab token': `glpat-${filler.slice(0, 20)}`,
	'an npm token': `npm_${filler.slice(0, 36)}`,
	'an AWS key id': `AKIA${'ABCDEFGH12345678'}`,
	'a Google key': `AIza${filler.slice(0, 35)}`,
	'a Slack token': `xoxb-${filler}`,
	'a JSON web token': `eyJ${filler}.eyJ${filler}.${filler}`,
	'a token of an attempt': `run_V1StGXR8_Z5jdHi6B-myT.12.${`${filler}xyz`.slice(0, 43)}`,
};

const pem = (kind: string) =>
	[`-----BEGIN ${kind}-----`, 'Proc-Type: 4,ENCRYPTED', filler, `${filler}==`, `-----END ${kind}-----`].join('\n');

describe('redaction', () => {
	const redact = createRedact(['operator-token-1']);

	test.each(Object.entries(tokens))('takes out %s wherever it stands', (_, token) => {
		expect(redact(`key=${token};`)).toBe('key=[redacted];');
		expect(redact(`"${token}"`)).toBe('"[redacted]"');
		expect(redact(token)).toBe('[redacted]');
	});

	test.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'])('takes out a whole %s', kind => {
		expect(redact(`before\n${pem(kind)}\nafter`)).toBe('before\n[redacted]\nafter');
	});

	test('takes out a private key that was cut off', () => {
		const cut = ['-----BEGIN PRIVATE KEY-----', filler, filler, 'and then other words'].join('\n');
		expect(redact(cut)).toBe('[redacted]\nand then other words');
	});

	test('leaves a public key and a certificate', () => {
		const harmless = [pem('PUBLIC KEY'), pem('CERTIFICATE')].join('\n');
		expect(redact(harmless)).toBe(harmless);
	});

	test('keeps what stands before a bearer token and a password in a URL', () => {
		expect(redact(`Authorization: Bearer ${filler}`)).toBe('Authorization: Bearer [redacted]');
		expect(redact('git clone https://ada:hunter22@example.com/x.git')).toBe('git clone https://ada:[redacted]@example.com/x.git');
	});

	test('takes out our own tokens, also where a terminal broke them over two lines', () => {
		expect(redact('token operator-token-1 here')).toBe('token [redacted] here');
		expect(redact('token operator-\ntoken-1 here')).toBe('token [redacted] here');
		const odd = 'a.b*c+d?e^f$g(h)i|j[k]l\\m';
		expect(createRedact([odd])(`x ${odd} y`)).toBe('x [redacted] y');
		expect(createRedact([odd])('x aXbbbc y')).toBe('x aXbbbc y');
	});

	test.each([
		'the bearer of bad news',
		'a task-list and a desk-lamp',
		'sk-short',
		'https://example.com:8080/path@x',
		'run_abc.1 ended',
		'commit 3f786850e387550fdab836ed7e6dc881de23001b',
		'AKIAlowercaseisnotakey',
	])('leaves %j', text => {
		expect(redact(text)).toBe(text);
	});

	test('leaves any text without a token as it is, and takes its time from no text', () => {
		fc.assert(
			fc.property(fc.string({unit: fc.constantFrom('a', 'B', '7', '-', '_', '.', ' ', '\n', ':', '/', '@'), maxLength: 200}), text => {
				// A URL with a password may come about by chance.
				fc.pre(!text.includes('://') && !text.includes('operator'));
				expect(redact(text)).toBe(text);
			}),
		);
		const starts = ['sk-', 'run_-', 'eyJ-', 'a.', 'http://a', 'bearer ', '-----BEGIN PRIVATE KEY-----\n', 'xoxb-'];
		for (const start of starts) {
			const text = start.repeat(Math.ceil(300_000 / start.length));
			// A search that went wild would run into the time limit of the test.
			expect(redact(text).length).toBeLessThanOrEqual(text.length);
		}
	});

	test('on a screen keeps every column and line', () => {
		fc.assert(
			fc.property(fc.constantFrom(...Object.values(tokens)), fc.string(), fc.string(), (token, before, after) => {
				const text = `${before} ${token} ${after}`;
				const shown = createScreenRedact([])(text);
				expect(shown).toHaveLength(text.length);
				expect(shown).not.toContain(token);
			}),
		);
	});
});

test.each(['md', 'txt', 'jsonl'] as const)('no secret reaches an export as %s, wherever it was said', async format => {
	const secrets = ['operator-token-1'];
	const words = Object.values(tokens).join(' ');
	const key = pem('PRIVATE KEY');
	const lived = livedFleet({
		label: tokens['a GitHub token'],
		prompt: `${words}\n${key}`,
		typed: `operator-token-1 ${words}`,
		request: words,
		argument: words,
		answer: words,
	});
	const outputText = async () => ['operator-token-1', words, ...key.split('\n')];
	const text = await textOf(exportSession(exportOptions(lived, {format, secrets, outputText})));
	for (const token of [...Object.values(tokens), ...secrets, filler]) {
		expect(text.includes(token), token).toBe(false);
	}
});
