import type {AgentProfile} from './agent-profile.js';
import type {Breaker} from './breaker.js';
import type {Decision, Escalation} from './escalation.js';
import type {Json} from './json.js';
import type {Launcher} from './launcher.js';
import type {Limits} from './limits.js';
import type {TypedMessage} from './message.js';
import type {Attempt, Run, RunEnd, WaitingReason} from './run.js';
import type {Session} from './session.js';

/** Everything that can happen. Past tense, never refused, journalled in this very form. `atMs` is the coordinator's clock. */
export type Fact =
	| {readonly type: 'settings.configured'; readonly agents: readonly AgentProfile[]; readonly limits: Limits; readonly atMs: number}
	| {readonly type: 'session.created'; readonly session: Session; readonly atMs: number}
	| {readonly type: 'session.renamed'; readonly sessionId: string; readonly label: string; readonly by: string; readonly atMs: number}
	| {readonly type: 'message.typed'; readonly message: TypedMessage; readonly atMs: number}
	| {readonly type: 'run.queued'; readonly run: Run; readonly atMs: number}
	| {readonly type: 'run.starting'; readonly runId: string; readonly generation: number; readonly launcherId: string; readonly atMs: number}
	/** The claim was rolled back: the run waits in the queue again, at its old place. */
	| {readonly type: 'run.released'; readonly runId: string; readonly generation: number; readonly sentence: string; readonly atMs: number}
	| {readonly type: 'run.running'; readonly runId: string; readonly generation: number; readonly pid: number; readonly atMs: number}
	| {readonly type: 'run.waiting'; readonly runId: string; readonly reason: WaitingReason; readonly atMs: number}
	| {readonly type: 'run.resumed'; readonly runId: string; readonly atMs: number}
	| {
			readonly type: 'run.stopping';
			readonly runId: string;
			readonly ending: 'cancelled' | 'timed_out';
			readonly by: string;
			readonly atMs: number;
	  }
	| {
			readonly type: 'run.ended';
			readonly runId: string;
			readonly generation: number;
			readonly end: RunEnd;
			readonly exitCode?: number | null;
			readonly signal?: number | null;
			readonly proof?: NonNullable<Attempt['proof']>;
			readonly sentence?: string;
			readonly atMs: number;
	  }
	| {readonly type: 'escalation.raised'; readonly escalation: Escalation; readonly atMs: number}
	| {
			readonly type: 'escalation.shown';
			readonly escalationId: string;
			readonly frame: string;
			readonly columns: number;
			readonly rows: number;
			readonly atMs: number;
	  }
	| {readonly type: 'escalation.decided'; readonly escalationId: string; readonly decision: Decision; readonly atMs: number}
	| {readonly type: 'escalation.delivered'; readonly escalationId: string; readonly atMs: number}
	| {readonly type: 'escalation.expired'; readonly escalationId: string; readonly atMs: number}
	| {readonly type: 'escalation.withdrawn'; readonly escalationId: string; readonly why: string; readonly atMs: number}
	| {readonly type: 'escalation.asker-changed'; readonly escalationId: string; readonly gone: boolean; readonly atMs: number}
	| {readonly type: 'breaker.changed'; readonly key: string; readonly breaker: Breaker; readonly atMs: number}
	| {readonly type: 'launcher.joined'; readonly launcher: Launcher; readonly atMs: number}
	| {readonly type: 'launcher.changed'; readonly launcherId: string; readonly state: Launcher['state']; readonly atMs: number}
	| {readonly type: 'queue.paused'; readonly by: string; readonly atMs: number}
	| {readonly type: 'queue.resumed'; readonly by: string; readonly atMs: number}
	| {readonly type: 'answer.kept'; readonly key: string; readonly requestHash: string; readonly answer: Json; readonly atMs: number}
	| {readonly type: 'answers.forgotten'; readonly beforeMs: number; readonly atMs: number};

export type FactOf<Type extends Fact['type']> = Extract<Fact, {readonly type: Type}>;
