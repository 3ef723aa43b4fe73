import type {Escalation, EscalationKind, EscalationPayload} from '../../state/escalation/escalation.js';
import {escalationBody} from '../../state/escalation/escalation-body.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import {lineText} from '../../state/view/frame-line.js';
import {agentOf, createStateFleet} from './state-fleet.js';

/** A request of a running agent, as State has it. */
export const requested = ({
	text = 'May I?',
	payload,
	kind = 'approval',
	label = 'api',
}: {
	text?: string;
	payload?: EscalationPayload;
	kind?: EscalationKind;
	label?: string;
} = {}) => {
	const fleet = createStateFleet();
	const {run} = fleet.start({cwd: '/work/project', label});
	const {generation} = fleet.run(run);
	const fingerprint = canonicalPlan({runId: run, generation, kind, text, payload});
	fleet.send({type: 'escalation.raise', runId: run, kind, text, blocking: true, fingerprint, ...(payload && {payload})}, agentOf(run));
	const id = [...fleet.state.index.openEscalations].at(-1)!;
	return {fleet, id, escalation: fleet.state.escalations[id] as Escalation, runId: run};
};

/** The lines of its body, as text. */
export const linesOf = ({fleet, escalation}: ReturnType<typeof requested>, columns = 80, nowMs = fleet.now()): readonly string[] =>
	escalationBody(fleet.state, escalation, {columns, nowMs}).map(lineText);
