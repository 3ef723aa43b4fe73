import {Text} from 'ink';
import {expect, test} from 'vitest';
import {widthOf} from '../../source/ui/components/line.js';
import {TabLine} from '../../source/ui/header.js';
import {countSegments} from '../../source/ui/header-counts.js';
import {fleetCounts} from '../../state/view/fleet-counts.js';
import {createView, screenNames, updateView} from '../../state/view/view.js';
import {openScreen} from '../helpers/open-screen.js';
import {createStateFleet, launcher, type StateFleet} from '../helpers/state-fleet.js';

/** Everything a header can say: work, a queue that is paused and drained, a failure, alerts. */
const troubled = (): StateFleet => {
	const fleet = createStateFleet({limits: {concurrent: 2}});
	const gone = fleet.start();
	fleet.start();
	fleet.queue();
	fleet.exited(gone.run, 1);
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	fleet.send({type: 'queue.pause'});
	fleet.send({type: 'queue.drain'});
	fleet.advance(5000);
	fleet.tick();
	return fleet;
};

const shown = (fleet: StateFleet, columns: number) => {
	const counts = fleetCounts(fleet.state, createView({nowMs: 0}));
	return countSegments(fleet.state, counts, {separator: '·', columns});
};

test('the header says what waits, works, failed, alarms, and that nothing starts', () => {
	const segments = shown(troubled(), 200);
	expect(segments.map(({text}) => text).join('')).toMatch(
		/^nobody waits for you · 1 working · 1 queued · 1 failed · \d alerts? · QUEUE PAUSED · DRAINING$/,
	);
	expect(segments.find(({text}) => text.includes('alert'))?.tone).toBe('failed');
});

test('what matters least gives way first, and it never is wider than it may be', () => {
	const fleet = troubled();
	const texts = (columns: number) => shown(fleet, columns).map(({text}) => text);
	expect(texts(80)).not.toContain('1 queued');
	expect(texts(50)).toEqual(expect.arrayContaining(['QUEUE PAUSED', 'DRAINING']));
	expect(texts(10)).toEqual(['nobody waits for you']);
	for (let columns = 20; columns < 120; columns++) {
		expect(widthOf(shown(fleet, columns))).toBeLessThanOrEqual(columns);
	}
});

test('the tabs fit into every width, and the one shown is always marked', async () => {
	const {state} = troubled();
	await using screen = await openScreen(<Text> </Text>, {columns: 130, rows: 2});
	for (const name of screenNames) {
		const view = updateView(createView({nowMs: 0}), {type: 'show', screen: name});
		for (const columns of [30, 36, 40, 60, 80, 120]) {
			screen.app.rerender(<TabLine state={state} view={view} columns={columns} />);
			await screen.settled();
			const [line = ''] = await screen.lines();
			expect(line).not.toContain('…');
			expect(line).toMatch(/\[\d[^\]]*\]/);
			expect(line.match(/\d/g)!.length).toBeGreaterThanOrEqual(screenNames.length);
		}
	}
});
