import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {notificationText} from '../../source/terminal/notification-text.js';
import {createNotifier} from '../../source/terminal/notify.js';

const bell = '\u{07}';

/** A notifier with a clock and a timer moved by hand, and what it sent. */
const open = (env: Readonly<Record<string, string>> = {}) => {
	let nowMs = 0;
	let due: {atMs: number; callback: () => void} | undefined;
	const sent: string[] = [];
	const notifier = createNotifier({
		terminal: {env, signal: sequence => sent.push(sequence)},
		now: () => nowMs,
		startTimer(callback, delayMs) {
			due = {atMs: nowMs + delayMs, callback};
			return () => {
				due = undefined;
			};
		},
	});
	return {
		sent,
		notify: (body: string) => notifier.notify({title: 'agent-tui', body}),
		close: notifier.close,
		pass(ms: number) {
			nowMs += ms;
			if (due && due.atMs <= nowMs) {
				const {callback} = due;
				due = undefined;
				callback();
			}
		},
	};
};

describe('the terminal is told in the words it knows', () => {
	const base64 = (text: string) => Buffer.from(text).toString('base64');
	test.each([
		[{TERM: 'xterm-256color'}, ''],
		[{TERM_PROGRAM: 'Apple_Terminal'}, ''],
		[{TERM_PROGRAM: 'iTerm.app'}, '\u{1B}]9;agent-tui: done; 2 left\u{1B}\\'],
		[{TERM_PROGRAM: 'ghostty'}, '\u{1B}]9;agent-tui: done; 2 left\u{1B}\\'],
		[{VTE_VERSION: '7600'}, '\u{1B}]777;notify;agent-tui;done, 2 left\u{1B}\\'],
		[{TERM: 'foot'}, '\u{1B}]777;notify;agent-tui;done, 2 left\u{1B}\\'],
		[
			{TERM: 'xterm-kitty'},
			`\u{1B}]99;i=agent-tui:d=0:e=1;${base64('agent-tui')}\u{1B}\\\u{1B}]99;i=agent-tui:d=1:e=1:p=body;${base64('done; 2 left')}\u{1B}\\`,
		],
		[{TERM_PROGRAM: 'iTerm.app', TMUX: '/tmp/tmux-0/default,1,0'}, ''],
		[{TERM: 'xterm-kitty', TERM_PROGRAM: 'tmux'}, ''],
	])('%j', (env: Readonly<Record<string, string | undefined>>, sequence) => {
		const {sent, notify} = open(env as Record<string, string>);
		notify('done; 2 left');
		expect(sent).toEqual([`${bell}${sequence}`]);
	});
});

test('one bell in two seconds: what comes meanwhile is told once, afterwards, with how much it was', () => {
	const {sent, notify, pass} = open({TERM_PROGRAM: 'WezTerm'});
	notify('one');
	pass(500);
	notify('two');
	notify('three');
	expect(sent).toHaveLength(1);
	pass(1499);
	expect(sent).toHaveLength(1);
	pass(1);
	expect(sent[1]).toBe(`${bell}\u{1B}]9;agent-tui (and 1 more): three\u{1B}\\`);
	notify('four');
	expect(sent).toHaveLength(2);
	pass(2000);
	expect(sent[2]).toContain('agent-tui: four');
	pass(2000);
	expect(sent).toHaveLength(3);
});

test('however notifications come, two bells are two seconds apart, and the last one is told', () => {
	fc.assert(
		fc.property(fc.array(fc.nat({max: 1500}), {minLength: 1, maxLength: 30}), waits => {
			const {sent, notify, pass} = open({TERM_PROGRAM: 'WezTerm'});
			const bellsAtMs: number[] = [];
			let nowMs = 0;
			const step = (ms: number) => {
				for (let passed = 0; passed < ms; passed++) {
					const before = sent.length;
					pass(1);
					nowMs++;
					if (sent.length > before) {
						bellsAtMs.push(nowMs);
					}
				}
			};

			for (const [index, waitMs] of waits.entries()) {
				const before = sent.length;
				notify(`number ${index}.`);
				if (sent.length > before) {
					bellsAtMs.push(nowMs);
				}

				step(waitMs);
			}

			step(2000);
			expect(bellsAtMs.every((atMs, index) => index === 0 || atMs - bellsAtMs[index - 1]! >= 2000)).toBe(true);
			expect(sent.at(-1)).toContain(`number ${waits.length - 1}.`);
		}),
		{numRuns: 100},
	);
});

test('nothing is told after close', () => {
	const {sent, notify, pass, close} = open();
	notify('one');
	notify('two');
	close();
	pass(5000);
	expect(sent).toHaveLength(1);
});

test('no text of an agent can end its sequence, hide or turn around', () => {
	expect(notificationText('a\u{1B}]0;x\u{7}b')).toBe('a\\u{1B}]0;x\\u{7}b');
	expect(notificationText('rm\u{200B} \u{202E}txt.exe')).toBe('rm\\u{200B} \\u{202E}txt.exe');
	expect(notificationText('  two\r\n  lines ')).toBe('two lines');
	expect(notificationText('é 漢字 🚀')).toBe('é 漢字 🚀');
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 400}), text => {
			expect(notificationText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
		}),
	);
});

test('a text that starts with a number is not taken for a command', () => {
	const sent: string[] = [];
	const notifier = createNotifier({terminal: {env: {TERM_PROGRAM: 'ghostty'}, signal: sequence => sent.push(sequence)}});
	notifier.notify({title: '4;1', body: 'x'});
	expect(sent[0]).toBe(`${bell}\u{1B}]9;› 4;1: x\u{1B}\\`);
});
