import {expect, test} from 'vitest';
import {whyNoConsole} from '../../source/terminal/tty-check.js';

const tty = {stdin: {isTTY: true}, stdout: {isTTY: true, columns: 80, rows: 24}, env: {TERM: 'xterm-256color'}};

test('a terminal can show the console, whatever else the environment says', () => {
	expect(whyNoConsole(tty)).toBeUndefined();
	expect(whyNoConsole({...tty, env: {TERM: 'xterm', CI: 'true', GITHUB_ACTIONS: '1', NO_COLOR: '1'}})).toBeUndefined();
	expect(whyNoConsole({...tty, env: {}})).toBeUndefined();
	expect(whyNoConsole({...tty, stdout: {isTTY: true, columns: 20, rows: 5}})).toBeUndefined();
});

test('what cannot show it is told why, in a sentence', () => {
	expect(whyNoConsole({...tty, stdout: {}})).toBe('The output is not a terminal, so there is nothing to show the console on.');
	expect(whyNoConsole({...tty, stdin: {isTTY: false}})).toBe('The input is not a terminal, so no key could be pressed.');
	expect(whyNoConsole({...tty, env: {TERM: 'dumb'}})).toContain('TERM=dumb');
	expect(whyNoConsole({...tty, stdout: {isTTY: true, columns: 19, rows: 24}})).toBe(
		'The terminal has 19×24 cells, and the console needs at least 20×5.',
	);
	expect(whyNoConsole({...tty, stdout: {isTTY: true, columns: 80, rows: 4}})).toContain('80×4');
});
