import {expect, test} from 'vitest';
import {AlertsScreen, rowIds} from '../../source/ui/screens/alerts-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {openScreenFleet, type ScreenFleet, system} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) => drawScreen(fleet, {name: 'alerts', Screen: AlertsScreen, rowIds}, options);

const alarmed = async () => {
	const fleet = await openScreenFleet({agents: ['codex', 'pi\u202E']});
	await fleet.send({type: 'breaker.trip', key: 'agent:pi\u202E'});
	await fleet.send({type: 'breaker.hold', key: 'agent:codex'});
	fleet.pass(3000);
	await fleet.send({type: 'clock.tick'}, system);
	fleet.pass(60_000);
	return fleet;
};

const sizes = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
] as const;

test.each(sizes)('alerts stand with the most urgent first, each once, with its age at $columns×$rows', async size => {
	await using fleet = await alarmed();
	await using screen = await draw(fleet, size);
	const lines = await screen.lines();
	expect(lines[0]).toBe('  level    state   age  what');
	expect(lines[1]).toMatch(/^› warning {2}active {3}1m {2}The breaker “agent:pi\\u\{202E\}” is open: tripped by ada\.$/);
	expect(lines[2]).toMatch(/^ {2}notice {3}active {3}1m {2}ada holds the breaker agent:codex open\.$/);
	expect(lines.join('\n')).toContain('Nobody has seen it yet: s marks it as seen.');
	await screen.expectToFit();
	await fleet.send({type: 'alert.acknowledge', key: rowIds(fleet.state(), screen.view())[0]!});
	expect((await screen.redraw()).join('\n')).toMatch(/warning {2}seen {5}1m/);
});

test('without any it says what would come here, in whole words', async () => {
	await using fleet = await openScreenFleet();
	await using screen = await draw(fleet);
	const text = (await screen.text()).replaceAll(/\s+/g, ' ');
	expect(text).toContain('No alerts.');
	expect(text).toContain('a machine that went away: each is told here once, until it is over.');
});

test.each([
	[40, 12],
	[30, 6],
	[20, 5],
	[1, 1],
])('%i×%i is filled and never overflows', async (columns, rows) => {
	await using fleet = await alarmed();
	await using screen = await draw(fleet, {columns, rows});
	await screen.expectToFit();
});
