import {expect, test} from 'vitest';
import {applyAll} from '../../state/apply.js';
import {goneFacts, nextGoneMs} from '../../state/launcher-gone.js';
import {defaultRetry} from '../../state/retry.js';
import {createStateFleet, launcher} from '../helpers/state-fleet.js';

test('what ran on a launcher that is away for too long is lost, or tried again', () => {
	const fleet = createStateFleet({limits: {launcherGoneMs: 120_000}, profiles: {codex: {retry: defaultRetry}}});
	const [once, again] = [fleet.start(), fleet.start({agent: 'codex'})];
	expect(nextGoneMs(fleet.state)).toEqual([]);
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	const dueMs = fleet.now() + 120_000;
	expect(nextGoneMs(fleet.state)).toEqual([dueMs, dueMs]);
	expect(goneFacts(fleet.state, fleet.context(119_999))).toEqual([]);
	applyAll(fleet.state, goneFacts(fleet.state, fleet.context(120_000)));
	expect([once, again].map(({run}) => fleet.run(run).state)).toEqual(['lost', 'queued']);
	expect(nextGoneMs(fleet.state)).toEqual([]);
});

test('a launcher that came back, or a limit of 0, loses nothing', () => {
	const fleet = createStateFleet({limits: {launcherGoneMs: 0}});
	fleet.start();
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	expect(goneFacts(fleet.state, fleet.context(1_000_000_000))).toEqual([]);
	fleet.configure({launcherGoneMs: 120_000});
	expect(goneFacts(fleet.state, fleet.context(1_000_000_000))).not.toEqual([]);
	fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'online'}, launcher);
	expect(goneFacts(fleet.state, fleet.context(1_000_000_000))).toEqual([]);
});
