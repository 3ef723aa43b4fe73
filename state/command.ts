import type {AgentProfile} from './agent/agent-profile.js';
import type {AgentReport} from './agent/agent-report.js';
import type {Launcher} from './agent/launcher.js';
import type {Choice, DecisionScope, EscalationKind, EscalationPayload, Found} from './escalation/escalation.js';
import type {Policy} from './escalation/policy.js';
import type {Lane} from './queue/lane.js';
import type {Attempt, Awaits, RunOptions} from './run/run.js';
import type {Budgets} from './safety/budget.js';
import type {LimitOverride, Limits} from './safety/limits.js';

type AttemptReport = {readonly runId: string; readonly generation: number};

/** Everything that can be asked: by a key, the gateway, an agent's tool, a launcher's report, the clock. May be refused. */
export type Command =
	| {
			readonly type: 'settings.configure';
			readonly agents: readonly AgentProfile[];
			readonly limits: Limits;
			readonly limitOverrides?: readonly LimitOverride[];
			readonly budgets?: Budgets;
			readonly policies?: readonly Policy[];
	  }
	| ({
			readonly type: 'session.create';
			readonly agent: string;
			/** Absolute; whether it exists was checked at the door. */
			readonly cwd: string;
			readonly label?: string;
			/** With a text (an empty one too) the session starts with a run. */
			readonly text?: string;
			readonly lane?: Lane;
			/** The run that spawns it as its child. */
			readonly parentRunId?: string;
			readonly tags?: readonly string[];
			readonly onParentSuccess?: 'keep' | 'cancel';
	  } & RunOptions)
	| {readonly type: 'session.rename'; readonly sessionId: string; readonly label: string}
	/**
	 * Says something to a session. `queue` (the default) makes it the session's next run; `steer` types it into the live agent's terminal,
	 * `interrupt` interrupts the agent's turn first. Both queue it when no agent is live.
	 */
	| ({
			readonly type: 'message.send';
			readonly sessionId: string;
			readonly text: string;
			readonly lane?: Lane;
			readonly mode?: 'queue' | 'steer' | 'interrupt';
	  } & RunOptions)
	/** Types a line into the live agent's terminal. */
	| {readonly type: 'message.type'; readonly sessionId: string; readonly text: string}
	/** Stops what the session runs and withdraws what it has queued; with `tree` also everything below it. */
	| {readonly type: 'session.stop'; readonly sessionId: string; readonly tree: boolean}
	| {readonly type: 'run.cancel'; readonly runId: string}
	/** A run waits for others; it gives its slot back until they are over. Refused when that would close a circle. */
	| {readonly type: 'run.wait'; readonly runId: string; readonly awaits: Awaits}
	/** It waits no longer: its time is up or the asker left. Nothing else changes. */
	| {readonly type: 'run.stop-waiting'; readonly runId: string}
	/** Keeps a queued run where it is, and lets it go again. */
	| {readonly type: 'run.hold'; readonly runId: string}
	| {readonly type: 'run.unhold'; readonly runId: string}
	/** `first` starts it next, before every lane; `last` puts it behind all of its lane. */
	| {readonly type: 'run.move'; readonly runId: string; readonly to: 'first' | 'last'}
	| {readonly type: 'run.prioritise'; readonly runId: string; readonly lane: Lane}
	/** Starts it now, over every limit but its session's own order. */
	| {readonly type: 'run.force-start'; readonly runId: string}
	/** The same text again, as a new run of the same session. */
	| {readonly type: 'run.rerun'; readonly runId: string}
	| {readonly type: 'deadletter.retry'; readonly runId: string}
	| {readonly type: 'deadletter.drop'; readonly runId: string}
	/** Stops everything there is. */
	| {readonly type: 'fleet.stop'}
	/** Claims every run that may start now. */
	| {readonly type: 'queue.dispatch'}
	| {readonly type: 'queue.pause'}
	| {readonly type: 'queue.resume'}
	/** Takes nothing new; what is queued and what runs comes to its end. */
	| {readonly type: 'queue.drain'}
	| {readonly type: 'queue.undrain'}
	| ({readonly type: 'attempt.started'; readonly pid: number} & AttemptReport)
	| ({readonly type: 'attempt.spawn-failed'; readonly sentence: string} & AttemptReport)
	| ({
			readonly type: 'attempt.exited';
			readonly exitCode: number | null;
			readonly signal: number | null;
			readonly proof?: NonNullable<Attempt['proof']>;
	  } & AttemptReport)
	/** The launcher does not have it (any more). */
	| ({readonly type: 'attempt.lost'; readonly sentence: string} & AttemptReport)
	/** What an agent's own channel tells about it. */
	| ({readonly type: 'agent.report'; readonly report: AgentReport} & AttemptReport)
	/** An agent's terminal has been silent since then; told again with a later moment when it speaks. */
	| ({readonly type: 'agent.output'; readonly lastOutputAtMs: number} & AttemptReport)
	| {readonly type: 'provider.limit'; readonly provider: string; readonly sentence: string; readonly untilMs?: number}
	| {readonly type: 'provider.clear'; readonly provider: string}
	| {readonly type: 'alert.acknowledge'; readonly key: string}
	| {
			readonly type: 'escalation.raise';
			readonly runId: string;
			readonly kind: EscalationKind;
			readonly text: string;
			readonly payload?: EscalationPayload;
			readonly blocking: boolean;
			/** Added by the coordinator itself, whatever the asker sent. */
			readonly found?: Found;
			/** SHA-256 of `canonicalPlan` of the fields above but `found` and the run's generation. */
			readonly fingerprint: string;
	  }
	| {
			readonly type: 'escalation.show';
			readonly escalationId: string;
			readonly frame: string;
			readonly columns: number;
			readonly rows: number;
			/** The frame itself, whose SHA-256 is `frame`. */
			readonly text?: string;
	  }
	| {
			readonly type: 'escalation.decide';
			readonly escalationId: string;
			/** The fingerprint of what the operator saw. */
			readonly fingerprint: string;
			readonly choice: Choice;
			readonly text?: string;
			/** What a high risk is approved with: the word of its risk. */
			readonly word?: string;
			/** How far an approval reaches; `once` when absent. */
			readonly scope?: DecisionScope;
			/** How long and how often it holds, when it reaches further. */
			readonly lifetimeMs?: number;
			readonly maxUses?: number;
	  }
	| {readonly type: 'grant.revoke'; readonly grantId: string}
	| {readonly type: 'escalation.deliver'; readonly escalationId: string}
	| {readonly type: 'escalation.withdraw'; readonly escalationId: string; readonly why: string}
	| {readonly type: 'escalation.asker'; readonly escalationId: string; readonly gone: boolean}
	| {readonly type: 'breaker.trip'; readonly key: string}
	| {readonly type: 'breaker.reset'; readonly key: string}
	| {readonly type: 'breaker.hold'; readonly key: string}
	| {
			readonly type: 'launcher.join';
			readonly launcherId: string;
			readonly host: string;
			readonly pid: number;
			readonly embedded: boolean;
			readonly tags?: readonly string[];
	  }
	/** With `fromNow` its being away counts from this moment: the coordinator has only begun to look. */
	| {readonly type: 'launcher.change'; readonly launcherId: string; readonly state: Launcher['state']; readonly fromNow?: boolean}
	/** The attempts a launcher has now, to be compared with State. */
	| {
			readonly type: 'launcher.heartbeat';
			readonly launcherId: string;
			readonly attempts: ReadonlyArray<AttemptReport & {readonly isAlive: boolean}>;
	  }
	/** Keeps what a child's run left behind for its parent: the end of what it showed or said. */
	| {readonly type: 'result.push'; readonly runId: string; readonly text: string}
	/** Delivers what waits for a parent, if it has time for it. */
	| {readonly type: 'result.deliver'; readonly parentId: string}
	/** The parent's run takes it as the answer to its wait. */
	| {readonly type: 'result.take'; readonly runId: string; readonly byRunId: string}
	/** Lets happen what time alone brings: expiries, time-outs. */
	| {readonly type: 'clock.tick'};

export type CommandOf<Type extends Command['type']> = Extract<Command, {readonly type: Type}>;
