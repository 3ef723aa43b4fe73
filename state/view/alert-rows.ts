import type {Alert, AlertLevel} from '../safety/alert.js';
import type {State} from '../state.js';
import type {View} from './view.js';

/** One alert. `sentence` may hold text of agents: show it through `visible`. */
export type AlertRow = {
	/** The alert's key. */
	readonly id: string;
	readonly level: AlertLevel;
	readonly state: Alert['state'];
	readonly sentence: string;
	readonly raisedAtMs: number;
	/** Who saw it, or when it was over. */
	readonly what: string;
};

const levels: readonly AlertLevel[] = ['urgent', 'warning', 'notice'];
const states: ReadonlyArray<Alert['state']> = ['active', 'acknowledged', 'cleared'];

const whatOf = ({state, acknowledgedBy}: Alert): string => {
	switch (state) {
		case 'active': {
			return '';
		}

		case 'acknowledged': {
			return `seen by ${acknowledgedBy ?? 'somebody'}`;
		}

		case 'cleared': {
			return 'over';
		}
	}
};

/** Every alert that State remembers: those nobody has seen first, the most urgent first, then the newest. */
export const alertRows = (state: State, {filter}: Pick<View, 'filter'>): readonly AlertRow[] => {
	const needle = filter.alerts.trim().toLowerCase();
	return Object.values(state.alerts)
		.filter(({key, sentence, level}) => `${key} ${sentence} ${level}`.toLowerCase().includes(needle))
		.sort(
			(a, b) =>
				states.indexOf(a.state) - states.indexOf(b.state) ||
				levels.indexOf(a.level) - levels.indexOf(b.level) ||
				b.raisedAtMs - a.raisedAtMs ||
				(a.key < b.key ? -1 : 1),
		)
		.map(alert => ({
			id: alert.key,
			level: alert.level,
			state: alert.state,
			sentence: alert.sentence,
			raisedAtMs: alert.raisedAtMs,
			what: whatOf(alert),
		}));
};

/** The ids of the rows, in their order. */
export const alertRowIds = (state: State, view: Pick<View, 'filter'>): readonly string[] => alertRows(state, view).map(({id}) => id);

/** How many alerts are active and seen by nobody. */
export const activeAlerts = (state: State): number => Object.values(state.alerts).filter(alert => alert.state === 'active').length;
