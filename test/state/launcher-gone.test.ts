import {expect, test} from 'vitest';
import {goneFacts, nextGoneMs} from '../../state/agent/launcher-gone.js';
import {applyAll} from '../../state/apply.js';
import {defaultRetry} from '../../state/run/retry.js';
import {createStateFleet, launcher, system} from '../helpers/state-fleet.js';

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

test('a launcher of long ago is forgotten when the next one comes, unless something may still run on it', () => {
	const fleet = createStateFleet({limits: {launcherGoneMs: 0, startTimeoutMs: 0}});
	const join = (launcherId: string) =>
		fleet.send({type: 'launcher.join', launcherId, host: 'here', pid: 1, embedded: false}, {role: 'launcher', launcherId});
	fleet.start();
	join('lch_2');
	for (const launcherId of ['lch_1', 'lch_2']) {
		fleet.send({type: 'launcher.change', launcherId, state: 'offline'}, system);
	}

	fleet.send({type: 'breaker.trip', key: 'launcher:lch_2'});
	fleet.advance(8 * 24 * 60 * 60_000);
	join('lch_3');
	expect(Object.keys(fleet.state.launchers)).toEqual(['lch_1', 'lch_3']);
	expect(fleet.state.breakers['launcher:lch_2']).toBeUndefined();
});
