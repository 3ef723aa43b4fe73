import type {AgentProfile} from './agent/agent-profile.js';
import type {AgentStatus} from './agent/agent-status.js';
import type {Launcher} from './agent/launcher.js';
import type {Decision, Escalation} from './escalation/escalation.js';
import type {Grant} from './escalation/grant.js';
import type {Policy} from './escalation/policy.js';
import type {Json} from './json.js';
import type {Lane} from './queue/lane.js';
import type {Attempt, Awaits, Run, RunEnd, WaitingReason} from './run/run.js';
import type {Alert} from './safety/alert.js';
import type {Breaker} from './safety/breaker.js';
import type {BudgetHold, Budgets} from './safety/budget.js';
import type {LimitOverride, Limits} from './safety/limits.js';
import type {ProviderPause} from './safety/provider.js';
import type {Usage} from './safety/usage.js';
import type {TypedMessage} from './session/message.js';
import type {ChildResult, ResultDelivery} from './session/outbox.js';
import type {Session} from './session/session.js';

/** How an attempt was over. */
export type AttemptEnd = {
	readonly exitCode?: number | null;
	readonly signal?: number | null;
	readonly proof?: NonNullable<Attempt['proof']>;
	readonly sentence?: string;
};

/** Everything that can happen. Past tense, never refused, journalled in this very form. `atMs` is the coordinator's clock. */
export type Fact =
	| {
			readonly type: 'settings.configured';
			readonly agents: readonly AgentProfile[];
			readonly limits: Limits;
			readonly limitOverrides?: readonly LimitOverride[];
			readonly budgets?: Budgets;
			readonly policies?: readonly Policy[];
			readonly atMs: number;
	  }
	| {readonly type: 'session.created'; readonly session: Session; readonly atMs: number}
	| {readonly type: 'session.renamed'; readonly sessionId: string; readonly label: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'message.typed'; readonly message: TypedMessage; readonly atMs: number}
	| {readonly type: 'run.queued'; readonly run: Run; readonly atMs: number}
	| {readonly type: 'run.starting'; readonly runId: string; readonly generation: number; readonly launcherId: string; readonly atMs: number}
	/** The claim was rolled back: the run waits in the queue again, at its old place. */
	| {readonly type: 'run.released'; readonly runId: string; readonly generation: number; readonly sentence: string; readonly atMs: number}
	| {readonly type: 'run.running'; readonly runId: string; readonly generation: number; readonly pid: number; readonly atMs: number}
	| {
			readonly type: 'run.waiting';
			readonly runId: string;
			readonly reason: WaitingReason;
			readonly awaits?: Awaits;
			readonly atMs: number;
	  }
	| {readonly type: 'run.resumed'; readonly runId: string; readonly atMs: number}
	| {
			readonly type: 'run.stopping';
			readonly runId: string;
			readonly ending: 'cancelled' | 'timed_out' | 'queued';
			/** What the attempt will count as when the run queues again. */
			readonly counts?: 'loss' | 'taken-back';
			readonly by: string;
			readonly atMs: number;
	  }
	| ({
			readonly type: 'run.ended';
			readonly runId: string;
			readonly generation: number;
			readonly end: RunEnd;
			readonly atMs: number;
	  } & AttemptEnd)
	/** The attempt is over and the run queues again; it may start when `dueAtMs` has come. */
	| ({
			readonly type: 'run.retrying';
			readonly runId: string;
			readonly generation: number;
			/** What the attempt counts as; `taken-back` (pre-empted, never accepted) counts as nothing. */
			readonly counts: 'failure' | 'loss' | 'taken-back';
			readonly dueAtMs: number;
			readonly atMs: number;
	  } & AttemptEnd)
	/** Its wait for the next try is over. */
	| {readonly type: 'run.due'; readonly runId: string; readonly atMs: number}
	/** Every try failed: it lies among the dead letters. */
	| ({readonly type: 'run.dead-lettered'; readonly runId: string; readonly generation: number; readonly atMs: number} & AttemptEnd)
	/** The operator lets a dead letter try again from the start. */
	| {readonly type: 'run.revived'; readonly runId: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'run.held'; readonly runId: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'run.unheld'; readonly runId: string; readonly by: string; readonly atMs: number}
	/** `order` is its new place in the order of arrival. */
	| {
			readonly type: 'run.moved';
			readonly runId: string;
			readonly isFirst: boolean;
			readonly order: number;
			readonly by: string;
			readonly atMs: number;
	  }
	| {readonly type: 'run.prioritised'; readonly runId: string; readonly lane: Lane; readonly by: string; readonly atMs: number}
	| {readonly type: 'run.forced'; readonly runId: string; readonly by: string; readonly atMs: number}
	/** A run it depended on ended badly and it goes on without it. */
	| {readonly type: 'run.dependency-dropped'; readonly runId: string; readonly dependencyId: string; readonly atMs: number}
	/** The agent proved that it took its prompt. */
	| {readonly type: 'run.accepted'; readonly runId: string; readonly generation: number; readonly atMs: number}
	| {readonly type: 'run.status-changed'; readonly runId: string; readonly status: AgentStatus; readonly atMs: number}
	| {readonly type: 'run.stuck'; readonly runId: string; readonly sinceMs: number; readonly atMs: number}
	| {readonly type: 'run.unstuck'; readonly runId: string; readonly atMs: number}
	| {
			readonly type: 'run.called';
			readonly runId: string;
			readonly tool: string;
			readonly summary: string;
			readonly digest: string;
			readonly atMs: number;
	  }
	/** Its conversation has an id of the agent's own. */
	| {readonly type: 'session.bound'; readonly sessionId: string; readonly threadId: string; readonly atMs: number}
	/** What was used since the last such fact. */
	| {readonly type: 'usage.reported'; readonly runId: string; readonly usage: Partial<Usage>; readonly atMs: number}
	| {readonly type: 'budget.held'; readonly hold: BudgetHold; readonly atMs: number}
	| {readonly type: 'budget.allowed'; readonly key: string; readonly allowed: number; readonly by: string; readonly atMs: number}
	| {readonly type: 'provider.paused'; readonly provider: string; readonly pause: ProviderPause; readonly atMs: number}
	| {readonly type: 'provider.cleared'; readonly provider: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'alert.raised'; readonly alert: Alert; readonly atMs: number}
	| {readonly type: 'alert.acknowledged'; readonly key: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'alert.cleared'; readonly key: string; readonly atMs: number}
	/** A heartbeat and State disagreed about an attempt, and which of them was believed. */
	| {
			readonly type: 'heartbeat.resolved';
			readonly by: string;
			readonly runId: string;
			readonly generation: number;
			readonly resolution: 'stray-stopped' | 'lost' | 'other-run-refused';
			readonly sentence: string;
			readonly atMs: number;
	  }
	| {readonly type: 'escalation.raised'; readonly escalation: Escalation; readonly atMs: number}
	| {
			readonly type: 'escalation.shown';
			readonly escalationId: string;
			readonly frame: string;
			readonly columns: number;
			readonly rows: number;
			readonly text?: string;
			readonly atMs: number;
	  }
	| {readonly type: 'escalation.decided'; readonly escalationId: string; readonly decision: Decision; readonly atMs: number}
	| {readonly type: 'escalation.delivered'; readonly escalationId: string; readonly atMs: number}
	| {readonly type: 'escalation.expired'; readonly escalationId: string; readonly atMs: number}
	| {readonly type: 'escalation.withdrawn'; readonly escalationId: string; readonly why: string; readonly atMs: number}
	/** What it would do changed; `byId` is asked instead. */
	| {readonly type: 'escalation.superseded'; readonly escalationId: string; readonly byId: string; readonly atMs: number}
	| {readonly type: 'grant.made'; readonly grant: Grant; readonly atMs: number}
	| {readonly type: 'grant.used'; readonly grantId: string; readonly escalationId: string; readonly atMs: number}
	| {readonly type: 'grant.revoked'; readonly grantId: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'escalation.asker-changed'; readonly escalationId: string; readonly gone: boolean; readonly atMs: number}
	| {readonly type: 'breaker.changed'; readonly key: string; readonly breaker: Breaker; readonly atMs: number}
	| {readonly type: 'launcher.joined'; readonly launcher: Launcher; readonly atMs: number}
	| {readonly type: 'launcher.changed'; readonly launcherId: string; readonly state: Launcher['state']; readonly atMs: number}
	| {readonly type: 'queue.paused'; readonly by: string; readonly atMs: number}
	| {readonly type: 'queue.resumed'; readonly by: string; readonly atMs: number}
	| {readonly type: 'queue.draining'; readonly by: string; readonly atMs: number}
	| {readonly type: 'queue.undrained'; readonly by: string; readonly atMs: number}
	/** What a child left behind for its parent is kept until it is delivered. */
	| {readonly type: 'result.pushed'; readonly result: ChildResult; readonly atMs: number}
	/** It reached the run `toRunId` of the parent. */
	| {
			readonly type: 'result.delivered';
			readonly runIds: readonly string[];
			readonly how: ResultDelivery;
			readonly toRunId: string;
			readonly atMs: number;
	  }
	/** Parent and child talked to each other by themselves too often: the operator has to say something first. */
	| {readonly type: 'result.withheld'; readonly runIds: readonly string[]; readonly atMs: number}
	| {readonly type: 'answer.kept'; readonly key: string; readonly requestHash: string; readonly answer: Json; readonly atMs: number}
	| {readonly type: 'answers.forgotten'; readonly beforeMs: number; readonly atMs: number};

export type FactOf<Type extends Fact['type']> = Extract<Fact, {readonly type: Type}>;
