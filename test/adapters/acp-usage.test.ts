import {expect, test} from 'vitest';
import {costOfUpdate, usageOfMessage, usageOfResult} from '../../source/acp/usage.js';

test('the usage of a result counts the session, but for agents that count turns', () => {
	const result = {stopReason: 'end_turn', usage: {inputTokens: 200, outputTokens: 14, thoughtTokens: 1, totalTokens: 215}};
	expect(usageOfResult(result, 'Copilot')).toEqual({kind: 'usage', usage: {inputTokens: 200, outputTokens: 15}, isTotal: true});
	expect(usageOfResult(result, 'OpenCode')).toEqual({kind: 'usage', usage: {inputTokens: 200, outputTokens: 15}});
});

test('Gemini tells a turn’s usage as a quota, Qwen Code a call’s with its message', () => {
	const quota = {_meta: {quota: {token_count: {input_tokens: 100, output_tokens: 7}, model_usage: []}}};
	expect(usageOfResult(quota, 'gemini-cli')).toEqual({kind: 'usage', usage: {inputTokens: 100, outputTokens: 7}});
	expect(usageOfMessage({content: {}, _meta: {usage: {inputTokens: 100, outputTokens: 7, thoughtTokens: 0}}})).toEqual({
		kind: 'usage',
		usage: {inputTokens: 100, outputTokens: 7},
	});
});

test.each([{}, {usage: null}, {usage: {inputTokens: 'many'}}, {_meta: {quota: 7, usage: []}}, {usage: {inputTokens: Number.NaN}}])(
	'%j tells no usage',
	result => {
		expect(usageOfResult(result, 'any')).toBeUndefined();
		expect(usageOfMessage(result)).toBeUndefined();
	},
);

test('money counts in US dollars alone', () => {
	expect(costOfUpdate({used: 1, size: 2, cost: {amount: 0.5, currency: 'USD'}})).toBe(0.5);
	expect(costOfUpdate({cost: {amount: 0.5, currency: 'EUR'}})).toBeUndefined();
	expect(costOfUpdate({cost: null})).toBeUndefined();
});
