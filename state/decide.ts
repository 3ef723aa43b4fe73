import {launcherRules} from './agent/decide-launcher.js';
import {heartbeatRules} from './agent/heartbeat.js';
import type {Command} from './command.js';
import {settingsRules} from './decide-settings.js';
import type {DecisionContext, Outcome} from './decision-context.js';
import {decisionRules} from './escalation/decide-decision.js';
import {escalationRules} from './escalation/decide-escalation.js';
import {whyNotPermitted} from './permission.js';
import {queueRules} from './queue/decide-queue.js';
import type {Refusal} from './refusal.js';
import type {Rule, Rules} from './rule.js';
import {attemptRules} from './run/decide-attempt.js';
import {deadLetterRules} from './run/decide-dead-letter.js';
import {reportRules} from './run/decide-report.js';
import {runRules} from './run/decide-run.js';
import {stopRules} from './run/decide-stop.js';
import {waitRules} from './run/decide-wait.js';
import {alertRules} from './safety/decide-alert.js';
import {breakerRules} from './safety/decide-breaker.js';
import {providerRules} from './safety/decide-provider.js';
import {resultRules} from './session/decide-result.js';
import {sessionRules} from './session/decide-session.js';
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
