import {expect, test} from 'vitest';
import {apply} from '../../state/apply.js';
import {mostAnswersOfAgent} from '../../state/kept-answers.js';
import {createState, savedState} from '../../state/state.js';
import {comparableIndex} from '../helpers/state-fleet.js';

test('no agent fills the memory with keys; what others used stays for its day', () => {
	const state = createState();
	const keep = (key: string, atMs: number) => apply(state, {type: 'answer.kept', key, requestHash: 'h', answer: {}, atMs});
	keep('operator/first', 1);
	keep('agent:run_2/first', 1);
	for (let at = 0; at <= mostAnswersOfAgent; at += 1) {
		keep(`agent:run_1/${at}`, 2);
	}

	expect(Object.keys(state.answers)).toHaveLength(mostAnswersOfAgent + 2);
	expect(state.answers['agent:run_1/0']).toBeUndefined();
	expect(state.answers['agent:run_1/1']).toBeDefined();
	expect(comparableIndex(createState(structuredClone(savedState(state))))).toEqual(comparableIndex(state));
	apply(state, {type: 'answers.forgotten', beforeMs: 2, atMs: 3});
	expect(state.answers['operator/first']).toBeUndefined();
	expect(comparableIndex(createState(structuredClone(savedState(state))))).toEqual(comparableIndex(state));
});
