import type {Command} from './command.js';
import {alertRules} from './decide-alert.js';
import {attemptRules} from './decide-attempt.js';
import {breakerRules} from './decide-breaker.js';
import {deadLetterRules} from './decide-dead-letter.js';
import {decisionRules} from './decide-decision.js';
import {escalationRules} from './decide-escalation.js';
import {launcherRules} from './decide-launcher.js';
import {providerRules} from './decide-provider.js';
import {queueRules} from './decide-queue.js';
import {reportRules} from './decide-report.js';
import {resultRules} from './decide-result.js';
import {runRules} from './decide-run.js';
import {sessionRules} from './decide-session.js';
import {settingsRules} from './decide-settings.js';
import {stopRules} from './decide-stop.js';
import {waitRules} from './decide-wait.js';
import type {DecisionContext, Outcome} from './decision-context.js';
import {heartbeatRules} from './heartbeat.js';
import {whyNotPermitted} from './permission.js';
import type {Refusal} from './refusal.js';
import type {Rule, Rules} from './rule.js';
import type {State} from './state.js';

/** The switchboard: every kind of command and its rule. */
const rules: Rules = {
	...settingsRules,
	...sessionRules,
	...stopRules,
	...queueRules,
	...runRules,
	...deadLetterRules,
	...waitRules,
	...attemptRules,
	...escalationRules,
	...decisionRules,
	...breakerRules,
	...launcherRules,
	...heartbeatRules,
	...reportRules,
	...providerRules,
	...alertRules,
	...resultRules,
};

const ruleOf = (command: Command): Rule<Command['type']> => rules[command.type] as Rule<Command['type']>;

/** Why a command would be refused now. The same words grey a key, fill an HTTP 409 and fail the CLI. */
export const whyNot = (state: State, command: Command, context: Pick<DecisionContext, 'actor' | 'nowMs'>): Refusal | undefined =>
	whyNotPermitted(state, command, context.actor) ?? ruleOf(command).whyNot?.(state, command as never, context);

/** The facts a permitted command makes true, and the answer for its sender. */
export const decide = (state: State, command: Command, context: DecisionContext): Outcome =>
	ruleOf(command).decide(state, command as never, context);
