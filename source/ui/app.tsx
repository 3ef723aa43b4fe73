import {Box, Text, useApp, useWindowSize} from 'ink';
import {useEffect, useLayoutEffect, useSyncExternalStore} from 'react';
import {fullPolicies} from '../../state/escalation/policy.js';
import {fleetCounts} from '../../state/view/fleet-counts.js';
import type {View} from '../../state/view/view.js';
import type {Fleet} from '../fleet.js';
import type {Focus} from '../keys/binding.js';
import {Line} from './components/line.js';
import type {ConsoleModel} from './console-model.js';
import type {DecisionGuard} from './decision-guard.js';
import {FooterLine, RuleLabel} from './footer.js';
import {failureText, fullPolicyText, TabLine, TitleLine} from './header.js';
import {waitingText} from './header-counts.js';
import {isCovered, type Layout, layoutOf, smallest} from './layout.js';
import {Covering} from './overlays/covering.js';
import {ShownScreen} from './screens.js';
import {type Theme, ThemeContext, useTheme} from './theme.js';

/** Ink's way of letting go of the terminal for a while. */
export type Suspend = ReturnType<typeof useApp>['suspendTerminal'];

export type AppProps = {
	readonly fleet: Fleet;
	readonly model: ConsoleModel;
	readonly guard: DecisionGuard;
	readonly theme: Theme;
	/** What keys depend on, for a body of this size. */
	readonly focusOf: (body: {readonly columns: number; readonly rows: number}) => Focus;
	/** Told after every frame was laid out. */
	readonly onLayout: (view: View, layout: Layout) => void;
	/** Told once, when Ink is there. */
	readonly onReady: (suspend: Suspend) => void;
};

const TooSmall = ({fleet, view, columns, rows}: {fleet: Fleet; view: View; columns: number; rows: number}) => {
	const counts = fleetCounts(fleet.orchestrator.getState(), view);
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<Text bold={counts.needsYou > 0}>{waitingText(counts)}</Text>
			<Text>
				{columns}x{rows} is too small: at least {smallest.columns}x{smallest.rows}, please.
			</Text>
		</Box>
	);
};

/** The line between header and body: a rule, or what the disk refuses, or a policy that asks nobody. */
const TopRule = ({
	failure,
	full,
	layout,
	teeAt,
}: {
	failure: Error | undefined;
	full: readonly string[];
	layout: Layout;
	teeAt: number | undefined;
}) => {
	const {glyphs} = useTheme();
	const {columns} = layout;
	const text = failureText(failure, columns) ?? fullPolicyText(full, columns);
	if (text !== undefined) {
		return <Line columns={columns} segments={[{text, tone: 'failed'}]} />;
	}

	const rule = glyphs.horizontal.repeat(columns);
	return (
		<Line
			columns={columns}
			segments={[{text: teeAt === undefined ? rule : rule.slice(0, teeAt) + glyphs.teeDown + rule.slice(teeAt + 1), tone: 'quiet'}]}
		/>
	);
};

const Chrome = ({fleet, guard, focus, layout}: {fleet: Fleet; guard: DecisionGuard; focus: Focus; layout: Layout}) => {
	const {view, state, nowMs} = focus;
	const {columns, rows, body, hasTabs, hasRules} = layout;
	const {failure} = fleet.orchestrator;
	const hasDivider = view.screen === 'sessions' && layout.detail && !isCovered(view) && Object.keys(state.sessions).length > 0;
	const teeAt = hasDivider ? layout.treeColumns : undefined;
	const size = {columns: body.columns, rows: body.rows};
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			<TitleLine fleet={fleet} view={view} columns={columns} />
			{hasTabs ? <TabLine state={state} view={view} columns={columns} /> : null}
			{hasRules ? <TopRule failure={failure} full={fullPolicies(state)} layout={layout} teeAt={teeAt} /> : null}
			<Box width={body.columns} height={body.rows} overflow="hidden">
				{isCovered(view) ? (
					<Covering focus={focus} {...size} />
				) : (
					<ShownScreen fleet={fleet} view={view} nowMs={nowMs} arming={guard.arming()} layout={layout} {...size} />
				)}
			</Box>
			{hasRules ? <RuleLabel focus={focus} columns={columns} teeAt={teeAt} /> : null}
			<FooterLine focus={focus} columns={columns} hasRules={hasRules} />
		</Box>
	);
};

/** The whole console, drawn anew whenever the model says so. */
export const App = ({fleet, model, guard, theme, focusOf, onLayout, onReady}: AppProps) => {
	useSyncExternalStore(model.subscribe, model.version);
	const {columns, rows} = useWindowSize();
	const {suspendTerminal} = useApp();
	const layout = layoutOf({columns, rows});
	const focus = focusOf(layout.body);
	const {view, nowMs} = focus;
	// Before Ink draws, not after: the frame that is painted next is this one.
	guard.drawing({view, nowMs, columns: layout.body.columns, rows: layout.isTooSmall ? 0 : layout.body.rows, isAscii: theme.isAscii});
	useLayoutEffect(() => onLayout(view, layout));
	useEffect(() => onReady(suspendTerminal), [onReady, suspendTerminal]);
	return (
		<ThemeContext value={theme}>
			{layout.isTooSmall ? (
				<TooSmall fleet={fleet} view={view} columns={columns} rows={rows} />
			) : (
				<Chrome fleet={fleet} guard={guard} focus={focus} layout={layout} />
			)}
		</ThemeContext>
	);
};
