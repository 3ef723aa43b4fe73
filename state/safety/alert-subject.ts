import type {State} from '../state.js';
import type {ScreenName} from '../view/view.js';

/** Where what an alert is about can be seen: a screen, and the row on it when there is one. */
export type AlertSubject = {readonly screen: ScreenName; readonly id?: string};

const budgetRow = (rest: string): AlertSubject => ({screen: 'breakers', id: `budget:${rest}`});

/** A session or a run, shown where its session is. */
const sessionOf = ({sessions, runs}: State, id: string): AlertSubject | undefined => {
	const sessionId = sessions[id]?.id ?? runs[id]?.sessionId;
	return sessionId === undefined ? undefined : {screen: 'sessions', id: sessionId};
};

const subjects: Readonly<Record<string, (state: State, rest: string) => AlertSubject | undefined>> = {
	breaker: (_state, key) => ({screen: 'breakers', id: key}),
	budget: (_state, rest) => budgetRow(rest),
	'budget-soon': (_state, rest) => budgetRow(rest),
	provider: (_state, provider) => ({screen: 'breakers', id: `pause:${provider}`}),
	launcher: (_state, id) => ({screen: 'launchers', id}),
	queue: () => ({screen: 'queue'}),
	'dead-letters': () => ({screen: 'dead-letters'}),
	decisions: () => ({screen: 'escalations'}),
	overhead: () => ({screen: 'breakers'}),
};

/** What an alert with this key is about; `undefined` when that is gone. */
export const alertSubject = (state: State, key: string): AlertSubject | undefined => {
	const colon = key.indexOf(':');
	const [kind, rest] = colon === -1 ? [key, ''] : [key.slice(0, colon), key.slice(colon + 1)];
	const subject = subjects[kind];
	return subject ? subject(state, rest) : sessionOf(state, rest);
};
