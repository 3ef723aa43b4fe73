import type {Actor} from '../actor.js';
import type {AgentReport} from '../agent/agent-report.js';
import {toldMeasures} from '../agent/conversation.js';
import type {CommandOf} from '../command.js';
import {noAnswer} from '../decision-context.js';
import {type Refusal, refuse} from '../refusal.js';
import type {Rules} from '../rule.js';
import type {State} from '../state.js';
import {reportFacts} from './report-facts.js';
import {whyNotReport} from './run.js';
import {silenceFacts} from './stuck.js';

/** More than this in one report is a mistake, or a lie. */
const mostUsed = 1e12;

/** It becomes an argument of the agent's command line, where it must not be read as an option. */
const threadIdPattern = /^[^-\s\p{C}][^\p{C}]*$/u;

const isAmount = (amount: number | undefined): boolean =>
	amount === undefined || (Number.isFinite(amount) && amount >= 0 && amount <= mostUsed);

/** Why what a report says cannot be; reports come from agents, and say anything. */
const whyNotSaid = (report: AgentReport, actor: Actor): Refusal | undefined => {
	switch (report.kind) {
		case 'thread': {
			return report.threadId.length <= 200 && threadIdPattern.test(report.threadId)
				? undefined
				: refuse('INVALID', 'A conversation has an id of 1 to 200 characters, none of them a control character, the first no dash.');
		}

		case 'status': {
			const isLauncherWord = report.status.source === 'process' && actor.role === 'agent';
			return isLauncherWord ? refuse('INVALID', 'What its process does only the launcher can tell.') : undefined;
		}

		case 'usage': {
			const wrong = toldMeasures.find(measure => !isAmount(report.usage[measure]));
			return wrong && refuse('INVALID', `The usage ${wrong} is not a number from 0 to ${mostUsed}.`);
		}

		default: {
			return undefined;
		}
	}
};

/** Any live run may be reported about, one that starts too: an agent's hook may be faster than its launcher. */
const whyNotLive = (state: State, command: CommandOf<'agent.report' | 'agent.output'>, actor: Actor): Refusal | undefined =>
	whyNotReport(state.runs[command.runId], command, 'lost', actor);

/** What agents tell through their own channels, and what their terminals' silence tells. */
export const reportRules: Rules<'agent.report' | 'agent.output'> = {
	'agent.report': {
		whyNot: (state, command, {actor}) => whyNotLive(state, command, actor) ?? whyNotSaid(command.report, actor),
		decide: (state, {runId, report}, context) => ({facts: reportFacts(state, state.runs[runId]!, report, context), answer: noAnswer}),
	},
	'agent.output': {
		whyNot: (state, command, {actor}) => whyNotLive(state, command, actor),
		decide: (state, {runId, lastOutputAtMs}, context) => ({
			facts: silenceFacts(state, state.runs[runId]!, {lastOutputAtMs, nowMs: context.nowMs}, context),
			answer: noAnswer,
		}),
	},
};
