import {describe, expect, test} from 'vitest';
import {escalationBody} from '../../state/escalation/escalation-body.js';
import {escalationFrame, escalationLayout, escalationWindow, shownRequest} from '../../state/escalation/escalation-frame.js';
import {lineText} from '../../state/view/frame-line.js';
import {createView, updateView} from '../../state/view/view.js';
import {linesOf, requested} from '../helpers/requested.js';
import {agentOf} from '../helpers/state-fleet.js';

describe('the window', () => {
	const request = requested({payload: {argv: Array.from({length: 60}, (_, index) => `argument-${index}`)}});
	const {fleet, escalation, id} = request;
	const context = {columns: 80, rows: 19, nowMs: fleet.now()};

	test('the parts of the screen fill it at every height', () => {
		for (let rows = 1; rows <= 60; rows++) {
			const {listRows, titleRows, bodyRows, statusRows} = escalationLayout(rows);
			expect(listRows + titleRows + bodyRows + statusRows).toBe(rows);
			expect(bodyRows).toBeGreaterThan(0);
			expect(bodyRows).toBeGreaterThanOrEqual(Math.floor(rows / 2));
		}
	});

	test('paging by half a window shows every line, and the end is where it stops', () => {
		const seen = new Set<string>();
		for (let scroll = 0; scroll <= escalationWindow(fleet.state, escalation, {...context, scroll: 10_000}).firstLine; scroll += 6) {
			for (const line of escalationFrame(fleet.state, escalation, {...context, scroll})) {
				seen.add(line);
			}
		}

		const {firstLine, endLine, lineCount} = escalationWindow(fleet.state, escalation, {...context, scroll: 10_000});
		expect(endLine).toBe(lineCount);
		expect(firstLine).toBe(lineCount - escalationLayout(19).bodyRows);
		expect([...Array.from({length: 60}).keys()].every(index => [...seen].some(line => line.includes(`'argument-${index}'`)))).toBe(true);
	});

	test('the frame is the text that was shown', () => {
		expect(escalationFrame(fleet.state, escalation, {...context, scroll: 3})).toEqual(
			linesOf(request).slice(3, 3 + escalationLayout(19).bodyRows),
		);
	});

	test('tells the arming which request is shown and how much of it; nothing for other screens and closed requests', () => {
		const view = [{type: 'rows', screen: 'escalations', ids: [id]} as const, {type: 'show', screen: 'escalations'} as const].reduce(
			updateView,
			createView({nowMs: 0}),
		);
		expect(shownRequest(fleet.state, view, context)).toMatchObject({
			escalationId: id,
			fingerprint: escalation.fingerprint,
			firstLine: 0,
			endLine: escalationLayout(19).bodyRows,
		});
		expect(shownRequest(fleet.state, updateView(view, {type: 'show', screen: 'queue'}), context)).toBeUndefined();
		expect(shownRequest(fleet.state, view, {...context, rows: 0})).toBeUndefined();
		const closed = requested();
		closed.fleet.send({type: 'escalation.withdraw', escalationId: closed.id, why: 'no longer needed'}, agentOf(closed.runId));
		const closedView = updateView(view, {type: 'rows', screen: 'escalations', ids: [closed.id]});
		expect(shownRequest(closed.fleet.state, closedView, context)).toBeUndefined();
	});
});

describe('a closed request', () => {
	test('says first what became of it, who decided and when, and whether the agent knows', () => {
		const {fleet, escalation, id, runId} = requested();
		fleet.advance(61_000);
		fleet.send({type: 'escalation.decide', escalationId: id, fingerprint: escalation.fingerprint, choice: 'deny', text: 'not today'});
		fleet.advance(5000);
		const lines = () => escalationBody(fleet.state, fleet.state.escalations[id]!, {columns: 80, nowMs: fleet.now()}).map(lineText);
		expect(lines()[0]).toMatch(/^ denied {4}by ada 5s ago, \d\d:\d\d:\d\d UTC$/);
		expect(lines()[1]).toContain('said “not today”');
		expect(lines()[2]).toContain('has not taken the answer yet');
		fleet.exited(runId);
		expect(lines()[2]).toContain('outcome unknown');
		const delivered = requested();
		delivered.fleet.send({
			type: 'escalation.decide',
			escalationId: delivered.id,
			fingerprint: delivered.escalation.fingerprint,
			choice: 'approve',
			word: 'unknown',
		});
		delivered.fleet.send({type: 'escalation.deliver', escalationId: delivered.id}, {role: 'system'});
		expect(linesOf(delivered)[1]).toContain('took the answer');
	});

	test('tells an expiry as an expiry, and a withdrawal with its reason', () => {
		const expired = requested();
		expired.fleet.advance(31 * 60_000);
		expired.fleet.tick();
		expect(linesOf(expired)[0]).toContain(' expired   nobody answered in time');
		const withdrawn = requested();
		withdrawn.fleet.send({type: 'escalation.withdraw', escalationId: withdrawn.id, why: 'the tool went away'}, agentOf(withdrawn.runId));
		expect(linesOf(withdrawn)[0]).toContain(' withdrawn the tool went away');
	});
});
