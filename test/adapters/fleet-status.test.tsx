import {Text} from 'ink';
import {describe, expect, test} from 'vitest';
import {createFleetStatus, fleetStatusSequence, gatheringMs} from '../../source/terminal/fleet-status.js';
import {openScreen} from '../helpers/open-screen.js';
import {hearStatusReports} from '../helpers/status-reports.js';

const reported = (state: string) => `\u001B]7501;state=${state}:id=agent-tui:app=agent-tui`;
const clear = '\u001B]7501;state=clear:id=agent-tui\u001B\\';

/** A status with a timer moved by hand, and what it sent. */
const open = (env: Readonly<Record<string, string>> = {TERM: 'xterm-256color'}) => {
	const counts = {needsYou: 0, working: 0};
	const sent: string[] = [];
	const timers: Array<{callback: () => void; delayMs: number}> = [];
	const status = createFleetStatus({
		terminal: {env, setStatus: sequence => sent.push(sequence)},
		counts: () => counts,
		startTimer(callback, delayMs) {
			const timer = {callback, delayMs};
			timers.push(timer);
			return () => timers.splice(timers.indexOf(timer), 1);
		},
	});
	return {
		counts,
		sent,
		timers,
		status,
		pass() {
			for (const {callback} of timers.splice(0)) {
				callback();
			}
		},
	};
};

describe('the report of the fleet', () => {
	test('says who waits before who works', () => {
		const message = (text: string) => `:kind=permission:msg=${Buffer.from(text).toString('base64')}\u001B\\`;
		expect(fleetStatusSequence({needsYou: 2, working: 3})).toBe(`${reported('blocked')}${message('2 wait for you')}`);
		expect(fleetStatusSequence({needsYou: 1, working: 0})).toBe(`${reported('blocked')}${message('1 waits for you')}`);
		expect(fleetStatusSequence({needsYou: 0, working: 3})).toBe(`${reported('working')}\u001B\\`);
		expect(fleetStatusSequence({needsYou: 0, working: 0})).toBe(`${reported('idle')}\u001B\\`);
	});

	test('is sent when it changes, and many changes together once', () => {
		const {counts, sent, timers, status, pass} = open();
		for (let count = 0; count < 100; count++) {
			status.update();
		}

		expect(timers.map(({delayMs}) => delayMs)).toEqual([gatheringMs]);
		pass();
		status.update();
		pass();
		expect(sent).toEqual([`${reported('idle')}\u001B\\`]);
		counts.working = 1;
		status.update();
		counts.needsYou = 1;
		pass();
		expect(sent).toHaveLength(2);
		expect(sent.at(-1)).toContain('state=blocked');
		status.update();
		status.close();
		expect(timers).toEqual([]);
	});

	test.each(['linux', 'dumb', '', 'vt100'])('is kept from a terminal that would print it (%j)', term => {
		const {status, timers} = open({TERM: term});
		status.update();
		expect(timers).toEqual([]);
	});
});

describe('the operator’s terminal', () => {
	test('is told, and the report is taken back when it is given back', async () => {
		const screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
		const heard = hearStatusReports(screen);
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 0, working: 1}));
		expect(heard).toEqual([`${reported('working')}\u001B\\`]);
		await screen.close();
		expect(heard.slice(1)).toEqual([clear]);
	});

	test('that never had a report gets none taken back', async () => {
		const screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
		const heard = hearStatusReports(screen);
		await screen.close();
		expect(heard).toEqual([]);
	});

	test('that lagged is told the latest when it reads again, beside the bell', async () => {
		await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
		const heard = hearStatusReports(screen);
		let bells = 0;
		screen.outer.onBell(() => bells++);
		screen.stdout.stall();
		screen.stdout.writableLength = 300_000;
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 0, working: 1}));
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 1, working: 1}));
		screen.terminal.signal('\u0007');
		screen.stdout.unstall();
		await screen.settled();
		expect(heard.at(-1)).toContain('state=blocked');
		expect(bells).toBeGreaterThan(0);
	});

	test('that an agent has is told with the next repaint, which is not asked for', async () => {
		await using screen = await openScreen(<Text>one</Text>, {columns: 30, rows: 5});
		const heard = hearStatusReports(screen);
		let repaints = 0;
		const tenancy = screen.terminal.takeOver({onBytes() {}, onRepaintNeeded: () => repaints++});
		tenancy.write(Buffer.from('half a title \u001B]0;agent'));
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 0, working: 1}));
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 2, working: 1}));
		expect([heard.length, repaints]).toEqual([0, 0]);
		tenancy.repaint(Buffer.from('whole'));
		expect(heard).toEqual([expect.stringContaining('state=blocked')]);
		screen.terminal.setStatus(fleetStatusSequence({needsYou: 0, working: 0}));
		tenancy.showConsole();
		tenancy.release(new Uint8Array());
		// What the agent reported of itself is taken back; the fleet's own report stands.
		expect(heard.slice(1)).toEqual(['\u001B]7501;state=clear\u001B\\', `${reported('idle')}\u001B\\`]);
	});
});
