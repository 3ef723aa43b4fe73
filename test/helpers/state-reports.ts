import type {AgentReport} from '../../state/agent/agent-report.js';
import type {AgentActivity, StatusSource} from '../../state/agent/agent-status.js';
import type {Fact, FactOf} from '../../state/fact.js';
import type {Budgets} from '../../state/safety/budget.js';
import {agentOf, launcher, type StateFleet, system} from './state-fleet.js';

/** What a run's own agent tells. */
export const reported = (fleet: StateFleet, runId: string, report: AgentReport): readonly Fact[] =>
	fleet.send({type: 'agent.report', runId, generation: fleet.run(runId).generation, report}, agentOf(runId));

/** What a run's own agent, or its terminal, says that it does. */
export const statusOf = (activity: AgentActivity, source: StatusSource = 'hook'): AgentReport => ({
	kind: 'status',
	status: {activity, source, confidence: 1, sinceMs: 0, seenMs: 0, evidence: 'seen'},
});

/** A run's terminal wrote last so long ago. */
export const silent = (fleet: StateFleet, runId: string, forMs: number): readonly Fact[] =>
	fleet.send({type: 'agent.output', runId, generation: fleet.run(runId).generation, lastOutputAtMs: fleet.now() - forMs}, launcher);

/** The same settings with these budgets. */
export const withBudgets = ({state, send}: StateFleet, budgets: Budgets): readonly Fact[] =>
	send({type: 'settings.configure', agents: Object.values(state.agents), limits: state.limits, budgets}, system);

/** The facts of one kind. */
export const only = <Type extends Fact['type']>(facts: readonly Fact[], type: Type): ReadonlyArray<FactOf<Type>> =>
	facts.filter((fact): fact is FactOf<Type> => fact.type === type);

/** The kinds of facts, in order. */
export const kindsOf = (facts: readonly Fact[]): readonly string[] => facts.map(({type}) => type);
