import {expect, test} from 'vitest';
import {DeadLettersScreen, rowIds} from '../../source/ui/screens/dead-letters-screen.js';
import {type DrawOptions, drawScreen} from '../helpers/draw-screen.js';
import {launcher, openScreenFleet, type ScreenFleet} from '../helpers/screen-fleet.js';

const draw = (fleet: ScreenFleet, options?: DrawOptions) =>
	drawScreen(fleet, {name: 'dead-letters', Screen: DeadLettersScreen, rowIds}, options);

/** A run that failed as often as it may be tried. */
const deadLetter = async () => {
	const fleet = await openScreenFleet({profiles: {codex: {retry: {waitsMs: [0], jitter: 0, lostCap: 1}}}});
	const {runId} = await fleet.start('nightly\u202E', {text: 'make nightly'});
	for (const exitCode of [1, 2]) {
		await fleet.runAll();
		const {generation} = fleet.state().runs[runId]!;
		await fleet.send({type: 'attempt.exited', runId, generation, exitCode, signal: null}, launcher);
		fleet.pass(60_000);
	}

	return {fleet, runId};
};

test.each([
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
])('a dead letter is told with every try at $columns×$rows', async size => {
	const {fleet} = await deadLetter();
	await using _ = fleet;
	await using screen = await draw(fleet, size);
	const text = await screen.text();
	expect(text).toMatch(/session +agent +tries +age +why/);
	expect(text).toMatch(/› ✗ nightly\\u\{202E\} +codex +2 +1m +given up after/);
	expect(text).toContain('attempt 1  exit 1  2m ago');
	expect(text).toContain('attempt 2  exit 2  1m ago');
	expect(text).toContain('make nightly');
	await screen.expectToFit();
});

test('without any it says what would come here', async () => {
	await using fleet = await openScreenFleet();
	await using screen = await draw(fleet);
	expect(await screen.text()).toContain('No dead letters.');
});
