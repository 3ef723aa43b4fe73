import {describe, expect, it} from 'vitest';
import {fleetCounts, nextNeedingYou} from '../../state/view/fleet-counts.js';
import {sessionRowIds, sessionRows} from '../../state/view/session-rows.js';
import {createView, updateView, type View} from '../../state/view/view.js';
import {agentOf, createStateFleet, operator, type StateFleet} from '../helpers/state-fleet.js';

const viewOf = (fleet: StateFleet): View => createView({nowMs: fleet.now()});
const filtered = (view: View, text: string): View => updateView(view, {type: 'filter', text});

const rowOf = (fleet: StateFleet, id: string, view = viewOf(fleet)) => sessionRows(fleet.state, view).find(row => row.id === id)!;

const spawn = (fleet: StateFleet, parentRunId: string, label: string) => fleet.queue({parentRunId, label}, agentOf(parentRunId));

describe('the tree of sessions', () => {
	it('keeps the order of creation, with children below their parents', () => {
		const fleet = createStateFleet();
		const first = fleet.start({label: 'first'});
		const second = fleet.start({label: 'second'});
		const childA = spawn(fleet, first.run, 'a');
		const childB = spawn(fleet, first.run, 'b');
		fleet.dispatch();
		fleet.started(childA.run);
		const grandchild = spawn(fleet, childA.run, 'aa');
		const rows = sessionRows(fleet.state, viewOf(fleet));
		expect(rows.map(row => row.id)).toEqual([first, childA, grandchild, childB, second].map(ids => ids.session));
		expect(rows.map(row => row.guides)).toEqual([[], ['branch'], ['trunk', 'last'], ['last'], []]);
	});

	it('does not change the order when states change', () => {
		const fleet = createStateFleet();
		const runs = ['a', 'b', 'c'].map(label => fleet.start({label}));
		const view = viewOf(fleet);
		const before = sessionRowIds(fleet.state, view);
		fleet.raise(runs[2]!.run);
		fleet.exited(runs[1]!.run, 1);
		expect(sessionRowIds(fleet.state, view)).toEqual(before);
	});

	it('folds children away and says what is among them', () => {
		const fleet = createStateFleet();
		const parent = fleet.start({label: 'parent'});
		const child = spawn(fleet, parent.run, 'child');
		fleet.dispatch();
		fleet.started(child.run);
		fleet.raise(child.run);
		const view = updateView(viewOf(fleet), {type: 'fold', sessionId: parent.session});
		expect(sessionRows(fleet.state, view)).toMatchObject([{id: parent.session, folded: 1, foldedNeedsYou: 1}]);
	});

	it('filters by name, agent, folder, prompt and state, and keeps what leads to a hit', () => {
		const fleet = createStateFleet();
		const parent = fleet.start({label: 'parent', cwd: '/shop', text: 'plan it'});
		const child = spawn(fleet, parent.run, 'needle');
		const other = fleet.start({label: 'other', agent: 'codex', cwd: '/elsewhere', text: 'Write docs'});
		const view = viewOf(fleet);
		expect(sessionRows(fleet.state, filtered(view, 'needle'))).toMatchObject([
			{id: parent.session, isContext: true},
			{id: child.session, isContext: false},
		]);
		for (const text of ['other', 'CODEX', 'elsewhere', 'docs']) {
			expect(sessionRowIds(fleet.state, filtered(view, text)), text).toEqual([other.session]);
		}

		expect(sessionRowIds(fleet.state, filtered(view, 'working'))).toEqual([parent.session, other.session]);
		expect(sessionRows(fleet.state, filtered(view, 'nothing like that'))).toEqual([]);
	});
});

describe('a row', () => {
	it('goes through what a session goes through', () => {
		const fleet = createStateFleet({limits: {concurrent: 1}});
		const {session, run} = fleet.queue({label: 'one'});
		const view = viewOf(fleet);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'queued', word: 'queued'});
		fleet.dispatch();
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'working', word: 'starting'});
		fleet.started(run);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'working', word: 'working'});
		fleet.advance(2000);
		const {id, fingerprint} = fleet.raise(run);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'needs-you', word: 'needs you', reason: 'approval', sinceMs: fleet.now()});
		fleet.send({type: 'escalation.decide', escalationId: id, fingerprint, choice: 'approve', word: 'unknown'}, operator);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'working'});
		fleet.send({type: 'session.stop', sessionId: session, tree: true});
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'stopping', word: 'stopping'});
		fleet.exited(run, null);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'stopped', word: 'stopped'});
	});

	it('is finished until it was looked at, and idle after', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		const view = viewOf(fleet);
		fleet.exited(run);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'unseen', word: 'finished'});
		expect(rowOf(fleet, session, updateView(view, {type: 'saw', runIds: [run]}))).toMatchObject({badge: 'idle', word: 'idle'});
		fleet.advance(1);
		expect(rowOf(fleet, session)).toMatchObject({badge: 'idle'});
	});

	it('says how it failed', () => {
		const fleet = createStateFleet();
		const failed = fleet.start();
		const killed = fleet.start();
		fleet.exited(failed.run, 3);
		fleet.exited(killed.run, null);
		expect(rowOf(fleet, failed.session)).toMatchObject({badge: 'failed', word: 'failed', reason: 'exit 3'});
		expect(rowOf(fleet, killed.session)).toMatchObject({badge: 'failed', reason: 'signal 9'});
	});

	it('may be stuck when nothing was written for long, but not while it waits', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		const view = updateView(viewOf(fleet), {type: 'quiet', runIds: [run]});
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'stuck', word: 'stuck?'});
		fleet.raise(run);
		expect(rowOf(fleet, session, view)).toMatchObject({badge: 'needs-you'});
	});

	it('needs the operator for a request that holds nobody, too', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start();
		fleet.raise(run, {kind: 'notice', blocking: false});
		expect(rowOf(fleet, session)).toMatchObject({badge: 'needs-you', reason: 'notice'});
	});
});

describe('the numbers of the header', () => {
	it('count every session once, whatever is folded or filtered', () => {
		const fleet = createStateFleet({limits: {concurrent: 3}});
		const [asks, fails, works] = [fleet.start({label: 'asks'}), fleet.start({label: 'fails'}), fleet.start({label: 'works'})];
		const view = filtered(viewOf(fleet), 'no such thing');
		fleet.raise(asks.run);
		fleet.raise(asks.run, {text: 'And this?'});
		fleet.exited(fails.run, 1);
		fleet.queue({label: 'waits'});
		expect(fleetCounts(fleet.state, view)).toEqual({needsYou: 1, working: 1, waiting: 0, queued: 1, failed: 1, unseen: 0});
		expect(works).toBeDefined();
	});
});

describe('the next session that needs the operator', () => {
	it('goes round all of them in the order of the tree', () => {
		const fleet = createStateFleet();
		const [a, b, c] = [fleet.start(), fleet.start(), fleet.start()];
		const view = viewOf(fleet);
		expect(nextNeedingYou(fleet.state, view, a.session)).toBeUndefined();
		fleet.raise(a.run);
		fleet.raise(c.run);
		expect(nextNeedingYou(fleet.state, view, undefined)).toBe(a.session);
		expect(nextNeedingYou(fleet.state, view, a.session)).toBe(c.session);
		expect(nextNeedingYou(fleet.state, view, b.session)).toBe(c.session);
		expect(nextNeedingYou(fleet.state, view, c.session)).toBe(a.session);
	});
});
