import type {State} from '../state.js';
import type {Escalation} from './escalation.js';
import {canonicalJson} from './fingerprint.js';
import {planParts} from './plan-parts.js';
import {riskOf} from './risk.js';
import {unwrapCommand} from './unwrap-command.js';

/** Open requests of several agents for the same command, to be decided in one go. Never of high risk. */
export type EscalationGroup = {
	/** Tells the command, not who asks: it stays the same while members come and go. */
	readonly id: string;
	/** Oldest first. */
	readonly members: readonly Escalation[];
};

const prefix = 'group ';

export const isGroupId = (id: string): boolean => id.startsWith(prefix);

/** What requests have in common that stand in one row: command, tool and risk; `undefined` for one that stands alone. */
export const groupIdOf = (state: State, escalation: Escalation): string | undefined => {
	const {kind, payload, state: at} = escalation;
	const {argv, tool, diff, env = {}} = payload ?? {};
	const isGraded = kind === 'approval' || kind === 'permission';
	if (at !== 'open' || !isGraded || !argv || argv.length === 0 || diff !== undefined || Object.keys(env).length > 0) {
		return undefined;
	}

	const folder = state.sessions[escalation.sessionId]?.cwd ?? '/';
	const risk = riskOf(escalation, folder);
	const {hidden} = unwrapCommand(argv);
	if (!risk || risk.level === 'high' || hidden.length > 0) {
		return undefined;
	}

	// The same words may mean another file for another agent; then they stand apart.
	const plan = planParts(escalation, folder);
	const files = plan.why === undefined ? plan.parts.map(({executable}) => executable) : [];
	return `${prefix}${canonicalJson([kind, risk.word, tool ?? null, argv, files])}`;
};

/** Every group there is, by its oldest member. Members are of different sessions, or it is no group. */
export const escalationGroups = (state: State): readonly EscalationGroup[] => {
	const byId = new Map<string, Escalation[]>();
	const open = [...state.index.openEscalations].map(id => state.escalations[id]!);
	for (const escalation of open.toSorted((a, b) => a.raisedAtMs - b.raisedAtMs)) {
		const id = groupIdOf(state, escalation);
		if (id !== undefined) {
			byId.set(id, [...(byId.get(id) ?? []), escalation]);
		}
	}

	return [...byId].map(([id, members]) => ({id, members})).filter(({members}) => new Set(members.map(({sessionId}) => sessionId)).size > 1);
};

/** The group of that id; `undefined` when there is none any more. */
export const groupNamed = (state: State, id: string): EscalationGroup | undefined =>
	isGroupId(id) ? escalationGroups(state).find(group => group.id === id) : undefined;

/** Stands for the whole list: another member, or another plan of one, is another list to read. */
export const groupFingerprint = (members: readonly Pick<Escalation, 'id' | 'fingerprint'>[]): string =>
	members.map(({id, fingerprint}) => `${id} ${fingerprint}`).join('\n');
