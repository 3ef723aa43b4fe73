import type {Session} from '../session/session.js';
import type {State} from '../state.js';
import {type Limits, limitsOfTree} from './limits.js';

/** The limits that hold for a session: those of its tree, which children inherit; without a session those of the fleet. */
export const limitsOf = (state: State, session?: Pick<Session, 'rootId'>): Limits => {
	const root = session && state.sessions[session.rootId];
	return root && state.limitOverrides.length > 0 ? limitsOfTree(state.limits, state.limitOverrides, root.label) : state.limits;
};
