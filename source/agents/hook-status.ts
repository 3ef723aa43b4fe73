import type {AgentReport} from '../../state/agent/agent-report.js';
import type {AgentActivity, BlockedKind} from '../../state/agent/agent-status.js';

/** A status that a hook told. Its moment is set by whoever takes the call: a hook's reader has no clock. */
export const hookStatus = (activity: AgentActivity, evidence: string, kind?: BlockedKind): AgentReport => ({
	kind: 'status',
	status: {activity, ...(kind && {kind}), source: 'hook', confidence: 1, sinceMs: 0, seenMs: 0, evidence},
});
