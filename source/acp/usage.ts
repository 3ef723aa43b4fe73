import type {AgentReport} from '../../state/agent/agent-report.js';
import {type Fields, fieldsOf, numberOf} from '../untrusted-json.js';

type UsageReport = Extract<AgentReport, {readonly kind: 'usage'}>;

/** Agents whose `usage` counts one turn, seen in OpenCode 1.18; the protocol says that it counts the session, as Copilot's does. */
const countingTurns = ['opencode'];

/** What a turn's result tells about tokens: of the session since it began, or of this turn alone. */
export const usageOfResult = ({usage, _meta}: Fields, agentName: string): UsageReport | undefined => {
	const {inputTokens, outputTokens, thoughtTokens} = fieldsOf(usage);
	const input = numberOf(inputTokens);
	if (input !== undefined) {
		const isOfTurn = countingTurns.includes(agentName.toLowerCase());
		const output = (numberOf(outputTokens) ?? 0) + (numberOf(thoughtTokens) ?? 0);
		return {kind: 'usage', usage: {inputTokens: input, outputTokens: output}, ...(!isOfTurn && {isTotal: true})};
	}

	const {input_tokens: turnInput, output_tokens: turnOutput} = fieldsOf(fieldsOf(fieldsOf(_meta)['quota'])['token_count']);
	const turn = numberOf(turnInput);
	return turn === undefined ? undefined : {kind: 'usage', usage: {inputTokens: turn, outputTokens: numberOf(turnOutput) ?? 0}};
};

/** What the end of a message tells about the model's call that it came from, as Qwen Code does. */
export const usageOfMessage = ({_meta}: Fields): UsageReport | undefined => {
	const {inputTokens, outputTokens, thoughtTokens} = fieldsOf(fieldsOf(_meta)['usage']);
	const input = numberOf(inputTokens);
	const output = (numberOf(outputTokens) ?? 0) + (numberOf(thoughtTokens) ?? 0);
	return input === undefined ? undefined : {kind: 'usage', usage: {inputTokens: input, outputTokens: output}};
};

/** What an update tells about money, in US dollars, since the session began. */
export const costOfUpdate = ({cost}: Fields): number | undefined => {
	const {amount, currency} = fieldsOf(cost);
	return currency === 'USD' ? numberOf(amount) : undefined;
};
