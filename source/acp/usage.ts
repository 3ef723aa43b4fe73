import type {AgentReport} from '../../state/agent-report.js';
import {type Fields, fieldsOf, numberOf} from '../untrusted-json.js';

type UsageReport = Extract<AgentReport, {readonly kind: 'usage'}>;

/** What a turn's result tells about tokens: the protocol's own `usage` counts the whole session, `_meta.quota` the turn. */
export const usageOfResult = ({usage, _meta}: Fields): UsageReport | undefined => {
	const {inputTokens, outputTokens, thoughtTokens} = fieldsOf(usage);
	const input = numberOf(inputTokens);
	if (input !== undefined) {
		const output = (numberOf(outputTokens) ?? 0) + (numberOf(thoughtTokens) ?? 0);
		return {kind: 'usage', usage: {inputTokens: input, outputTokens: output}, isTotal: true};
	}

	const {input_tokens: turnInput, output_tokens: turnOutput} = fieldsOf(fieldsOf(fieldsOf(_meta)['quota'])['token_count']);
	const turn = numberOf(turnInput);
	return turn === undefined ? undefined : {kind: 'usage', usage: {inputTokens: turn, outputTokens: numberOf(turnOutput) ?? 0}};
};

/** What an update tells about money, in US dollars, since the session began. */
export const costOfUpdate = ({cost}: Fields): number | undefined => {
	const {amount, currency} = fieldsOf(cost);
	return currency === 'USD' ? numberOf(amount) : undefined;
};
