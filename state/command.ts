import type {AgentProfile} from './agent-profile.js';
import type {Choice, EscalationKind, EscalationPayload} from './escalation.js';
import type {Lane} from './lane.js';
import type {Launcher} from './launcher.js';
import type {Limits} from './limits.js';
import type {Attempt} from './run.js';

type AttemptReport = {readonly runId: string; readonly generation: number};

/** Everything that can be asked: by a key, the gateway, an agent's tool, a launcher's report, the clock. May be refused. */
export type Command =
	| {readonly type: 'settings.configure'; readonly agents: readonly AgentProfile[]; readonly limits: Limits}
	| {
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
	  }
	| {readonly type: 'session.rename'; readonly sessionId: string; readonly label: string}
	/** Queues a run behind what the session already has. */
	| {readonly type: 'message.send'; readonly sessionId: string; readonly text: string; readonly lane?: Lane}
	/** Types a line into the live agent's terminal. */
	| {readonly type: 'message.type'; readonly sessionId: string; readonly text: string}
	/** Stops what the session runs and withdraws what it has queued; with `tree` also everything below it. */
	| {readonly type: 'session.stop'; readonly sessionId: string; readonly tree: boolean}
	| {readonly type: 'run.cancel'; readonly runId: string}
	/** Stops everything there is. */
	| {readonly type: 'fleet.stop'}
	/** Claims every run that may start now. */
	| {readonly type: 'queue.dispatch'}
	| {readonly type: 'queue.pause'}
	| {readonly type: 'queue.resume'}
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
	| {
			readonly type: 'escalation.raise';
			readonly runId: string;
			readonly kind: EscalationKind;
			readonly text: string;
			readonly payload?: EscalationPayload;
			readonly blocking: boolean;
			/** SHA-256 of `canonicalPlan` of the fields above and the run's generation. */
			readonly fingerprint: string;
	  }
	| {
			readonly type: 'escalation.show';
			readonly escalationId: string;
			readonly frame: string;
			readonly columns: number;
			readonly rows: number;
	  }
	| {
			readonly type: 'escalation.decide';
			readonly escalationId: string;
			/** The fingerprint of what the operator saw. */
			readonly fingerprint: string;
			readonly choice: Choice;
			readonly text?: string;
	  }
	| {readonly type: 'escalation.deliver'; readonly escalationId: string}
	| {readonly type: 'escalation.withdraw'; readonly escalationId: string; readonly why: string}
	| {readonly type: 'escalation.asker'; readonly escalationId: string; readonly gone: boolean}
	| {readonly type: 'breaker.trip'; readonly key: string}
	| {readonly type: 'breaker.reset'; readonly key: string}
	| {readonly type: 'breaker.hold'; readonly key: string}
	| {readonly type: 'launcher.join'; readonly launcherId: string; readonly host: string; readonly pid: number; readonly embedded: boolean}
	| {readonly type: 'launcher.change'; readonly launcherId: string; readonly state: Launcher['state']}
	/** Lets happen what time alone brings: expiries, time-outs. */
	| {readonly type: 'clock.tick'};

export type CommandOf<Type extends Command['type']> = Extract<Command, {readonly type: Type}>;
