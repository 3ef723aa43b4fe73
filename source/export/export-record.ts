import type {Choice, EscalationKind, EscalationPayload, EscalationState} from '../../state/escalation/escalation.js';
import type {Lane} from '../../state/queue/lane.js';
import type {Attempt, RunState} from '../../state/run/run.js';
import type {SessionState} from '../../state/session/session.js';

/**
 * One line of a JSON Lines export. The first line is the `export`; each session is followed by its runs, each run by its messages and
 * escalations and then by its attempts, each attempt by its output. Members are only ever added; `schema` rises when one changes its
 * meaning. Times are ISO 8601 in UTC.
 */
export type ExportRecord =
	| {readonly type: 'export'; readonly schema: 1; readonly session_id: string; readonly tree: boolean; readonly at: string}
	| {
			readonly type: 'session';
			readonly id: string;
			readonly parent_id?: string;
			readonly parent_run_id?: string;
			readonly root_id: string;
			readonly depth: number;
			/** Labels from the root down to this session. */
			readonly path: readonly string[];
			readonly agent: string;
			readonly label: string;
			readonly cwd: string;
			readonly state: SessionState;
			readonly created_at: string;
	  }
	| {
			readonly type: 'run';
			readonly id: string;
			readonly session_id: string;
			readonly prompt: string;
			readonly lane: Lane;
			readonly by: string;
			readonly state: RunState;
			readonly queued_at: string;
			/** When it came into `state`. */
			readonly since: string;
			readonly generation: number;
			readonly ending?: string;
	  }
	| {
			readonly type: 'attempt';
			/** Names the attempt's output and its recording. */
			readonly id: string;
			readonly run_id: string;
			readonly session_id: string;
			readonly generation: number;
			readonly launcher_id: string;
			readonly claimed_at: string;
			readonly started_at?: string;
			readonly pid?: number;
			readonly ended_at?: string;
			readonly exit_code?: number | null;
			readonly signal?: number | null;
			readonly proof?: NonNullable<Attempt['proof']>;
			readonly sentence?: string;
			/** Why no output follows. */
			readonly no_output?: string;
	  }
	| {
			readonly type: 'message';
			readonly run_id: string;
			readonly session_id: string;
			readonly text: string;
			readonly by: string;
			readonly at: string;
	  }
	| {
			readonly type: 'escalation';
			readonly id: string;
			readonly run_id: string;
			readonly session_id: string;
			readonly generation: number;
			readonly kind: EscalationKind;
			readonly text: string;
			readonly payload?: EscalationPayload;
			readonly blocking: boolean;
			readonly fingerprint: string;
			readonly state: EscalationState;
			readonly raised_at: string;
			readonly expires_at: string;
			readonly shown_at?: string;
			readonly choice?: Choice;
			/** The reason of a denial, or the answer to a question. */
			readonly answer?: string;
			readonly by?: string;
			readonly decided_at?: string;
			readonly closed_at?: string;
			readonly why?: string;
			/** From the raise to the decision or the end without one. */
			readonly waited_ms?: number;
			readonly delivered_at?: string;
	  }
	/** One line an attempt left on its screen, counted from 1. */
	| {readonly type: 'output'; readonly attempt_id: string; readonly line: number; readonly text: string};
