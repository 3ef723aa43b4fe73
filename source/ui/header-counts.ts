import type {AlertLevel} from '../../state/safety/alert.js';
import type {State} from '../../state/state.js';
import {activeAlerts} from '../../state/view/alert-rows.js';
import type {FleetCounts} from '../../state/view/fleet-counts.js';
import {type Segment, widthOf} from './components/line.js';
import type {Tone} from './theme.js';

/** One number of the header; the higher `weight`, the longer it stays where there is little room. */
type Count = {readonly text: string; readonly tone: Tone; readonly weight: number};

const levels: readonly AlertLevel[] = ['urgent', 'warning', 'notice'];
const alertTones: Readonly<Record<AlertLevel, Tone>> = {urgent: 'failed', warning: 'waiting', notice: 'plain'};

/** Who waits for the operator, in words. */
export const waitingText = ({needsYou}: Pick<FleetCounts, 'needsYou'>): string => {
	if (needsYou === 0) {
		return 'nobody waits for you';
	}

	return needsYou === 1 ? '1 waits for you' : `${needsYou} wait for you`;
};

/** What nobody has seen yet has the tone of the worst of it. */
const alertTone = (state: State): Tone => {
	const active = new Set(
		Object.values(state.alerts)
			.filter(alert => alert.state === 'active')
			.map(({level}) => level),
	);
	const worst = levels.find(level => active.has(level));
	return worst === undefined ? 'plain' : alertTones[worst];
};

const countsOf = (state: State, counts: FleetCounts): readonly Count[] => {
	const alerts = activeAlerts(state);
	const {queuePausedBy, drainingBy} = state;
	const all: ReadonlyArray<Count & {readonly isShown: boolean}> = [
		{text: `${counts.working} working`, tone: 'plain', weight: 2, isShown: counts.working > 0},
		{text: `${counts.queued} queued`, tone: 'plain', weight: 1, isShown: counts.queued > 0},
		{text: `${counts.failed} failed`, tone: 'failed', weight: 3, isShown: counts.failed > 0},
		{text: alerts === 1 ? '1 alert' : `${alerts} alerts`, tone: alertTone(state), weight: 4, isShown: alerts > 0},
		{text: 'QUEUE PAUSED', tone: 'waiting', weight: 5, isShown: queuePausedBy !== undefined},
		{text: 'DRAINING', tone: 'waiting', weight: 6, isShown: drainingBy !== undefined},
	];
	return all.filter(({isShown}) => isShown);
};

/** Who waits for the operator, and as many of the other numbers as fit into so many columns. */
export const countSegments = (
	state: State,
	counts: FleetCounts,
	{separator, columns}: {readonly separator: string; readonly columns: number},
): readonly Segment[] => {
	const first: Segment = {text: waitingText(counts), tone: counts.needsYou > 0 ? 'waiting' : 'quiet'};
	let shown = countsOf(state, counts);
	const segments = (): readonly Segment[] => [
		first,
		...shown.flatMap(({text, tone}): readonly Segment[] => [
			{text: ` ${separator} `, tone: 'quiet'},
			{text, tone},
		]),
	];
	while (shown.length > 0 && widthOf(segments()) > columns) {
		const least = Math.min(...shown.map(({weight}) => weight));
		shown = shown.filter(({weight}) => weight !== least);
	}

	return segments();
};
