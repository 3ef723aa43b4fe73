import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {whyQueued} from '../../state/run/run-wait.js';
import {lineOf} from '../../state/safety/budget-check.js';
import {isOverheadHigh, overheadShare} from '../../state/safety/overhead.js';
import {noUsage} from '../../state/safety/usage.js';
import {agentOf, createStateFleet, type StateFleet, system} from '../helpers/state-fleet.js';
import {kindsOf, only, reported, withBudgets} from '../helpers/state-reports.js';

const hour = 60 * 60_000;

const uses = (fleet: StateFleet, runId: string, inputTokens: number) => reported(fleet, runId, {kind: 'usage', usage: {inputTokens}});

const openBudget = ({state}: StateFleet) =>
	[...state.index.openEscalations].map(id => state.escalations[id]!).filter(({kind}) => kind === 'budget');

const decide = (fleet: StateFleet, choice: 'approve' | 'deny') => {
	const {id, fingerprint} = openBudget(fleet)[0]!;
	return fleet.send({type: 'escalation.decide', escalationId: id, fingerprint, choice});
};

describe('a budget (S7)', () => {
	test('of a session holds what is queued for it once it is used up, and asks; nothing that runs is stopped', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {session: {tokens: 100}});
		const {run, session} = fleet.start({label: 'spender'});
		expect(kindsOf(uses(fleet, run, 99))).toEqual(['usage.reported']);
		expect(kindsOf(uses(fleet, run, 1))).toEqual(['usage.reported', 'budget.held', 'escalation.raised']);
		expect(kindsOf(uses(fleet, run, 50))).toEqual(['usage.reported']);
		expect(fleet.run(run).state).toBe('running');
		expect(openBudget(fleet)[0]).toMatchObject({blocking: false, runId: run, sessionId: session});
		const next = fleet.message(session);
		const other = fleet.queue();
		fleet.exited(run);
		expect(fleet.dispatch()).toEqual([other.run]);
		expect(whyQueued(fleet.state, fleet.run(next), fleet.now())?.code).toBe('budget');
		expect(openBudget(fleet)).toHaveLength(1);
	});

	test('is as much again from what was used by now when the operator approves', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {session: {tokens: 100}});
		const {run, session} = fleet.start();
		uses(fleet, run, 130);
		const next = fleet.message(session);
		expect(only(decide(fleet, 'approve'), 'budget.allowed')[0]).toMatchObject({allowed: 130, by: 'ada'});
		fleet.exited(run);
		expect(fleet.dispatch()).toEqual([next]);
		fleet.started(next);
		expect(kindsOf(uses(fleet, next, 99))).toEqual(['usage.reported']);
		expect(kindsOf(uses(fleet, next, 1))).toContain('budget.held');
		expect(openBudget(fleet)[0]!.text).toContain('230 tokens of 230 tokens');
	});

	test('ends everything in its scope when the operator denies', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {tree: {tokens: 100}});
		const root = fleet.start();
		const child = fleet.start({parentRunId: root.run});
		const waiting = fleet.message(child.session);
		const other = fleet.start();
		uses(fleet, child.run, 60);
		uses(fleet, root.run, 60);
		decide(fleet, 'deny');
		expect([root.run, child.run, waiting, other.run].map(id => fleet.run(id).state)).toEqual([
			'stopping',
			'stopping',
			'cancelled',
			'running',
		]);
		fleet.exited(root.run, null);
		const more = fleet.message(root.session);
		fleet.dispatch();
		expect(fleet.run(more).state).toBe('queued');
		expect(whyQueued(fleet.state, fleet.run(more), fleet.now())?.sentence).toContain('the operator allowed no more');
	});

	test('of the fleet holds everybody, in money too; a larger one in the configuration lets all go and asks no more', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {all: {costUsd: 1}});
		const {run} = fleet.start();
		reported(fleet, run, {kind: 'usage', usage: {costUsd: 1.25}});
		const next = fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		expect(whyQueued(fleet.state, fleet.run(next.run), fleet.now())?.sentence).toBe(
			'The whole fleet has used up its $1.00; the operator is asked.',
		);
		withBudgets(fleet, {all: {costUsd: 1.2}});
		expect(fleet.dispatch()).toEqual([]);
		expect(kindsOf(withBudgets(fleet, {all: {costUsd: 5}}))).toEqual(['settings.configured', 'budget.allowed', 'escalation.withdrawn']);
		expect(fleet.dispatch()).toEqual([next.run]);
		reported(fleet, run, {kind: 'usage', usage: {costUsd: 3.75}});
		expect(openBudget(fleet)).toHaveLength(1);
	});

	test('of an agent’s own counts instead of the general one', () => {
		const fleet = createStateFleet({profiles: {codex: {budget: {tokens: 10}}}});
		withBudgets(fleet, {session: {tokens: 1000}});
		const [mine, general] = [fleet.start({agent: 'codex'}), fleet.start()];
		expect(kindsOf(uses(fleet, mine.run, 10))).toContain('budget.held');
		expect(kindsOf(uses(fleet, general.run, 10))).toEqual(['usage.reported']);
	});

	test('of time is used up at its very moment by those who work, not by those who wait', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {all: {wallMs: hour}});
		const [a, b] = [fleet.start(), fleet.start()];
		fleet.advance(hour / 4);
		fleet.raise(b.run);
		fleet.advance(hour / 2 - 1);
		expect(kindsOf(fleet.tick())).not.toContain('budget.held');
		fleet.advance(1);
		expect(kindsOf(fleet.tick())).toContain('budget.held');
		expect(kindsOf(fleet.tick())).not.toContain('budget.held');
		fleet.exited(a.run);
		fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
	});

	test('whose question nobody answered is asked again, also after the run that crossed the line is gone', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {all: {tokens: 1}});
		const {run} = fleet.start();
		uses(fleet, run, 1);
		fleet.exited(run);
		expect(openBudget(fleet)).toHaveLength(1);
		const {expiresAtMs, id} = openBudget(fleet)[0]!;
		fleet.advance(expiresAtMs - fleet.now());
		fleet.tick();
		fleet.tick();
		expect(openBudget(fleet)).toHaveLength(1);
		expect(openBudget(fleet)[0]!.id).not.toBe(id);
		fleet.queue();
		expect(fleet.dispatch()).toEqual([]);
		decide(fleet, 'approve');
		expect(fleet.dispatch()).toHaveLength(1);
	});

	test('cannot be answered by raising a request that looks like its own', () => {
		const fleet = createStateFleet();
		withBudgets(fleet, {session: {tokens: 10}});
		const {run, session} = fleet.start();
		uses(fleet, run, 10);
		const {text} = openBudget(fleet)[0]!;
		const forged = {type: 'escalation.raise', runId: run, kind: 'budget', text, blocking: false, fingerprint: text} as const;
		expect(fleet.refusal(forged, agentOf(run)).code).toBe('FORBIDDEN');
		expect(openBudget(fleet)).toHaveLength(1);
		const next = fleet.message(session);
		fleet.exited(run);
		fleet.dispatch();
		expect(fleet.run(next).state).toBe('queued');
	});
});

describe('runs an hour (S7)', () => {
	test.each(['session', 'tree', 'all'] as const)('of a %s: over them runs wait, and go on when there is room again', scope => {
		const fleet = createStateFleet();
		withBudgets(fleet, {[scope]: {runsPerHour: 2}});
		const {run, session} = fleet.start();
		const once = () => {
			const next = fleet.message(session);
			fleet.dispatch();
			return next;
		};

		fleet.exited(run);
		const second = once();
		fleet.started(second);
		fleet.exited(second);
		const third = once();
		expect(fleet.run(third).state).toBe('queued');
		expect(whyQueued(fleet.state, fleet.run(third), fleet.now())?.code).toBe('budget');
		expect(openBudget(fleet)).toEqual([]);
		fleet.advance(hour / 2 - 1);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([]);
		fleet.advance(1);
		fleet.tick();
		expect(fleet.dispatch()).toEqual([third]);
	});

	test('however they are asked for, no more start than the burst and what the time gives', () => {
		const step = fc.record({laterMs: fc.nat({max: hour / 3}), asks: fc.nat({max: 3})});
		fc.assert(
			fc.property(fc.integer({min: 1, max: 6}), fc.array(step, {maxLength: 25}), (runsPerHour, steps) => {
				const fleet = createStateFleet({limits: {startsPerMinute: 0, startsPerMinutePerAgent: 0, queuedPerSession: 1000}});
				withBudgets(fleet, {all: {runsPerHour}});
				const startedAtMs = fleet.now();
				let started = 0;
				for (const {laterMs, asks} of steps) {
					fleet.advance(laterMs);
					fleet.tick();
					for (let n = 0; n < asks; n += 1) {
						fleet.queue();
					}

					for (const id of fleet.dispatch()) {
						started += 1;
						fleet.started(id);
						fleet.exited(id);
					}

					// A hold that begins with a claim is seen by the next claim already.
					expect(started).toBeLessThanOrEqual(runsPerHour + ((fleet.now() - startedAtMs) * runsPerHour) / hour + 1e-6);
				}

				// Nobody waits for ever.
				for (let n = 0; n < 200 && fleet.state.index.ready.size > 0; n += 1) {
					fleet.advance(hour);
					fleet.tick();
					for (const id of fleet.dispatch()) {
						fleet.started(id);
						fleet.exited(id);
					}
				}

				expect(Object.values(fleet.state.runs).every(({state}) => state === 'succeeded')).toBe(true);
			}),
			{numRuns: 40},
		);
	});
});

test('whatever is used, allowed and reconfigured: what is held used its line up, and what is not held did not', () => {
	const act = fc.oneof(
		fc.record({do: fc.constant('use' as const), tokens: fc.nat({max: 120}), child: fc.boolean()}),
		fc.record({do: fc.constant('decide' as const), tokens: fc.nat({max: 120}), child: fc.boolean()}),
		fc.record({do: fc.constant('configure' as const), tokens: fc.integer({min: 1, max: 500}), child: fc.boolean()}),
	);
	fc.assert(
		fc.property(fc.array(act, {maxLength: 30}), acts => {
			const fleet = createStateFleet();
			withBudgets(fleet, {session: {tokens: 100}, tree: {tokens: 150}, all: {tokens: 200}});
			const root = fleet.start();
			const child = fleet.start({parentRunId: root.run});
			for (const {do: what, tokens, child: isChild} of acts) {
				if (what === 'use') {
					uses(fleet, isChild ? child.run : root.run, tokens);
				} else if (what === 'configure') {
					withBudgets(fleet, {session: {tokens}, tree: {tokens: tokens + 50}, all: {tokens: tokens * 2}});
				} else if (openBudget(fleet).length > 0) {
					decide(fleet, 'approve');
				}

				fleet.tick();
				for (const hold of Object.values(fleet.state.budgetHolds)) {
					const used = fleet.state.usage[hold.scope]!.inputTokens;
					const isHeld = hold.allowed === undefined;
					expect(used >= lineOf(fleet.state, hold.scope, 'tokens')!).toBe(isHeld);
					expect(openBudget(fleet).filter(({id}) => id === hold.escalationId)).toHaveLength(isHeld ? 1 : 0);
				}

				expect(kindsOf(fleet.tick()).filter(kind => !kind.startsWith('alert.'))).toEqual([]);
			}

			expect(fleet.run(root.run).state).toBe('running');
		}),
		{numRuns: 150},
	);
});

describe('what coordinating costs (S7)', () => {
	test('is a share of all tokens, and high only where there are enough to say so', () => {
		const usage = {...noUsage, inputTokens: 40_000, outputTokens: 20_000, protocolTokens: 15_000};
		expect(overheadShare(usage)).toBe(0.25);
		expect(isOverheadHigh(usage)).toBe(true);
		expect(isOverheadHigh({...usage, protocolTokens: 12_000})).toBe(false);
		expect(isOverheadHigh({...noUsage, inputTokens: 100, protocolTokens: 100})).toBe(false);
		expect(overheadShare(noUsage)).toBe(0);
	});
});

test('an agent cannot take a question about its budget back for good', () => {
	const fleet = createStateFleet();
	withBudgets(fleet, {all: {tokens: 1}});
	const {run} = fleet.start();
	uses(fleet, run, 1);
	fleet.ask({type: 'escalation.withdraw', escalationId: openBudget(fleet)[0]!.id, why: 'never mind'}, agentOf(run));
	fleet.send({type: 'clock.tick'}, system);
	expect(openBudget(fleet)).toHaveLength(1);
});
