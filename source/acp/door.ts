import type {AgentReport} from '../../state/agent/agent-report.js';
import type {Json} from '../../state/json.js';

/** What a request to the operator is, in the words of the gateway. */
export type Asking = {
	readonly text: string;
	readonly request_kind: 'approval_request' | 'question';
	readonly payload: Readonly<Record<string, Json>>;
};

/** What came of it. Only `approve` lets anything happen. */
export type Verdict = {readonly choice: 'approve' | 'deny' | 'nobody'; readonly words?: string};

/** The way to the coordinator, for the one run this program belongs to. */
export type Door = {
	/** Asks and waits, over restarts of the coordinator. Rejects when the coordinator refuses or the signal aborts. */
	ask(asking: Asking, signal: AbortSignal): Promise<Verdict>;
	/** Tells how the agent fares. Never rejects: it is not worth stopping for. */
	report(report: AgentReport): void;
};
