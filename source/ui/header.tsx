import path from 'node:path';
import {queueLength} from '../../state/queue/queue-order.js';
import type {State} from '../../state/state.js';
import {activeAlerts} from '../../state/view/alert-rows.js';
import {fleetCounts} from '../../state/view/fleet-counts.js';
import {textWidth} from '../../state/view/text-width.js';
import {type ScreenName, screenNames, type View} from '../../state/view/view.js';
import {visible} from '../../state/view/visible.js';
import type {Fleet} from '../fleet.js';
import {placeNames} from '../keys/help-rows.js';
import {keyOf} from '../keys/key-of.js';
import {Line, type Segment, widthOf} from './components/line.js';
import {countSegments} from './header-counts.js';
import {useTheme} from './theme.js';

/** What is unusual about this console, most important first. There is no sandbox: an agent can do what its user can. */
const badges = ({embedded, remote, readOnly}: Fleet): readonly string[] => [
	...(readOnly ? ['READ-ONLY'] : []),
	...(embedded ? ['EMBEDDED'] : []),
	...(remote ? ['AGENTD'] : []),
	'UNSANDBOXED',
];

/** Product, project, who waits, and what is unusual here. What does not fit goes: the name of the project first, the counts last. */
export const TitleLine = ({fleet, view, columns}: {readonly fleet: Fleet; readonly view: View; readonly columns: number}) => {
	const {glyphs} = useTheme();
	const state = fleet.orchestrator.getState();
	const counts = countSegments(state, fleetCounts(state, view), {separator: glyphs.separator, columns: columns - 2});
	const right: readonly Segment[] = badges(fleet).map(badge => ({text: ` ${badge}`, tone: 'strong'}));
	const project = visible(path.basename(fleet.project) || fleet.project);
	const lefts: ReadonlyArray<readonly Segment[]> = [
		[{text: ' agent-tui', tone: 'strong'}, {text: `  ${project}   `}],
		[{text: ' agent-tui', tone: 'strong'}, {text: '   '}],
		[{text: ' '}],
	];
	const rights = [right, right.slice(-1), []];
	const fits = (left: readonly Segment[], end: readonly Segment[]) => widthOf(left) + widthOf(counts) + widthOf(end) + 1 <= columns;
	const end = rights.find(candidate => fits(lefts[2]!, candidate)) ?? [];
	const left = lefts.find(candidate => fits(candidate, end)) ?? lefts[2]!;
	const gap = Math.max(0, columns - widthOf(left) - widthOf(counts) - widthOf(end) - 1);
	return <Line columns={columns} segments={[...left, ...counts, {text: ' '.repeat(gap)}, ...end, {text: ' '}]} />;
};

const tabCount = (screen: ScreenName, state: State): string => {
	switch (screen) {
		case 'queue': {
			const queued = queueLength(state);
			return queued === 0 ? '' : String(queued);
		}

		case 'breakers': {
			const open = Object.values(state.breakers).filter(breaker => breaker.state !== 'closed').length;
			return open === 0 ? '' : String(open);
		}

		case 'escalations': {
			const open = state.index.openEscalations.size;
			return open === 0 ? '' : String(open);
		}

		case 'launchers': {
			const launchers = Object.values(state.launchers);
			return launchers.length > 0 && launchers.every(launcher => launcher.state === 'offline') ? '!' : '';
		}

		case 'dead-letters': {
			return state.index.dead.size === 0 ? '' : String(state.index.dead.size);
		}

		case 'alerts': {
			const active = activeAlerts(state);
			return active === 0 ? '' : String(active);
		}

		default: {
			return '';
		}
	}
};

/** Tabs whose count asks for something. */
const isCalling = (screen: ScreenName, count: string): boolean =>
	count !== '' && (screen === 'escalations' || screen === 'dead-letters' || screen === 'alerts');

/** How much of the tabs is said: how many have their names, whether the one shown has it anyway, and whether they are counted. */
type TabWords = {readonly named: number; readonly isShownNamed: boolean; readonly isCounted: boolean};

const tabSegments = (state: State, shown: ScreenName, {named, isShownNamed, isCounted}: TabWords): readonly Segment[] =>
	screenNames.map((screen, at) => {
		const isShown = screen === shown;
		const [open, close] = isShown ? ['[', ']'] : [' ', ' '];
		const hasName = at < named || (isShown && isShownNamed);
		const name = hasName ? ` ${placeNames[screen]}` : '';
		const number = isCounted ? tabCount(screen, state) : '';
		const count = number === '' ? '' : hasName ? ` ${number}` : `(${number})`;
		const tone = isShown ? 'strong' : isCalling(screen, tabCount(screen, state)) ? 'waiting' : 'quiet';
		return {text: `${open}${keyOf(`show.${screen}`)}${name}${count}${close}`, tone};
	});

/** From all names to none: the last tab loses its name first, the one shown keeps it longest; then the counts go. */
const tabWords: readonly TabWords[] = [
	...Array.from({length: screenNames.length + 1}, (_, unnamed) => ({
		named: screenNames.length - unnamed,
		isShownNamed: true,
		isCounted: true,
	})),
	{named: 0, isShownNamed: false, isCounted: true},
	{named: 0, isShownNamed: true, isCounted: false},
	{named: 0, isShownNamed: false, isCounted: false},
];

/** The screens and their keys; the one shown stands in brackets. What is too wide loses its names, from the last tab on. */
export const TabLine = ({state, view, columns}: {readonly state: State; readonly view: View; readonly columns: number}) => {
	const candidates = tabWords.map(words => tabSegments(state, view.screen, words));
	return <Line columns={columns} segments={candidates.find(candidate => widthOf(candidate) <= columns) ?? candidates.at(-1)!} />;
};

/** Policies that allow everything without asking: said as long as they stand; nothing where there are none. */
export const fullPolicyText = (names: readonly string[], columns: number): string | undefined => {
	if (names.length === 0) {
		return undefined;
	}

	const text = ` ! Everything is allowed without asking by the policy ${names.join(', ')}. `;
	return textWidth(text) <= columns ? text : ' ! Everything is allowed without asking. ';
};

/** What the disk refuses, above everything else; nothing while all is well. */
export const failureText = (failure: Error | undefined, columns: number): string | undefined => {
	if (!failure) {
		return undefined;
	}

	const text = ` ! Nothing can be kept: ${visible(failure.message)} Only denying and stopping work. `;
	return textWidth(text) <= columns ? text : ` ! Nothing can be kept: only denying and stopping work. `;
};
