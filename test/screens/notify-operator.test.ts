import {expect, test, vi} from 'vitest';
import type {OperatorTerminal} from '../../source/terminal/operator-terminal.js';
import {notifyOperator} from '../../source/ui/notify-operator.js';
import {parseQuietHours} from '../../state/safety/quiet-hours.js';
import {launcher, openScreenFleet, system} from '../helpers/screen-fleet.js';

/** A terminal that keeps what it is told. */
const createTerminal = () => {
	const signals: string[] = [];
	return {
		signals,
		terminal: {env: {KITTY_WINDOW_ID: '1'}, signal: (sequence: string) => void signals.push(sequence)} as unknown as OperatorTerminal,
	};
};

const told = (signals: readonly string[]): string =>
	signals
		.flatMap(signal => [...signal.matchAll(/;([A-Za-z0-9+/=]+)\u001B\\/g)].map(([, body]) => Buffer.from(body!, 'base64').toString()))
		.join('\n');

const patience = {timeout: 20_000, interval: 20};

test('the beginning of an alert rings once; what is only seen again does not, and what comes together is told together', async () => {
	await using fleet = await openScreenFleet({agents: ['codex', 'pi']});
	const {terminal, signals} = createTerminal();
	const stop = notifyOperator({orchestrator: fleet.orchestrator, terminal, quietHours: undefined});
	await fleet.send({type: 'breaker.trip', key: 'agent:pi'});
	await fleet.send({type: 'breaker.hold', key: 'agent:codex'});
	fleet.pass(3000);
	await fleet.send({type: 'clock.tick'}, system);
	await vi.waitFor(() => expect(signals).toHaveLength(2), patience);
	expect(told(signals)).toContain('agent:pi is open');
	expect(told(signals)).toContain('agent:codex');
	fleet.pass(10_000);
	await fleet.send({type: 'clock.tick'}, system);
	expect(Object.values(fleet.state().alerts).map(({state}) => state)).toEqual(['active', 'active']);
	stop();
	expect(signals).toHaveLength(2);
});

test('in quiet hours only what is urgent rings', async () => {
	await using fleet = await openScreenFleet();
	const {terminal, signals} = createTerminal();
	const hour = new Date(fleet.now()).getHours();
	const at = (hours: number): string => `${String((hour + hours + 24) % 24).padStart(2, '0')}:00`;
	const stop = notifyOperator({orchestrator: fleet.orchestrator, terminal, quietHours: parseQuietHours(`${at(-1)}-${at(2)}`)});
	const {runId} = await fleet.start('planner');
	await fleet.runAll();
	await fleet.ask({runId});
	await fleet.send({type: 'breaker.trip', key: 'agent:shell'});
	fleet.pass(3000);
	await fleet.send({type: 'clock.tick'}, system);
	expect(signals).toEqual([]);
	await fleet.send({type: 'launcher.change', launcherId: 'lch_1', state: 'offline'}, launcher);
	fleet.pass(3000);
	await fleet.send({type: 'clock.tick'}, system);
	await vi.waitFor(() => expect(told(signals)).toContain('lch_1'), patience);
	expect(told(signals)).toContain('Urgent');
	stop();
});
