import type {ReactNode} from 'react';
import {expect} from 'vitest';
import type {Recorded} from '../../source/store-port.js';
import type {ScreenProps} from '../../source/ui/screen-props.js';
import {createTheme, ThemeContext} from '../../source/ui/theme.js';
import {type Arming, createArming} from '../../state/escalation/arming.js';
import type {State} from '../../state/state.js';
import {textWidth} from '../../state/view/text-width.js';
import {createView, type Intent, type ScreenName, updateView, type View} from '../../state/view/view.js';
import {openScreen} from './open-screen.js';
import type {ScreenFleet} from './screen-fleet.js';

/** A screen of the console as its file exports it. */
export type ScreenModule = {
	readonly name: ScreenName;
	readonly Screen: (props: ScreenProps & {readonly arming?: Arming}) => ReactNode;
	readonly rowIds: (state: State, view: View, nowMs: number, recent: readonly Recorded[]) => readonly string[];
};

export type DrawOptions = {
	readonly columns?: number;
	readonly rows?: number;
	/** What the operator did on this screen. */
	readonly intents?: readonly Intent[];
	readonly arming?: Arming;
	readonly env?: Readonly<Record<string, string>>;
};

export type DrawnScreen = Awaited<ReturnType<typeof drawScreen>>;

/** Draws one screen of a fleet with the real Ink, as the console would: its rows are told to the view first, then what the operator did. */
export const drawScreen = async (fleet: ScreenFleet, {name, Screen, rowIds}: ScreenModule, options: DrawOptions = {}) => {
	const {columns = 80, rows = 24, intents = [], env = {LANG: 'C.UTF-8'}} = options;
	let arming = options.arming ?? createArming();
	const told = (view: View): View =>
		updateView(view, {type: 'rows', screen: name, ids: rowIds(fleet.state(), view, fleet.now(), fleet.orchestrator.recent())});
	const act = (before: View, intent: Intent): View => told(updateView(before, intent));
	let view = intents.reduce(act, told(updateView(createView({nowMs: fleet.now()}), {type: 'show', screen: name})));
	const element = () => (
		<ThemeContext value={createTheme(env)}>
			<Screen fleet={fleet.fleet} view={view} columns={columns} rows={rows} nowMs={fleet.now()} arming={arming} />
		</ThemeContext>
	);
	const screen = await openScreen(element(), {columns, rows, env});
	/** Draws what is true now, after what the operator did. */
	const redraw = async (...next: readonly Intent[]) => {
		view = next.reduce(act, told(view));
		screen.app.rerender(element());
		await screen.settled();
		return screen.lines();
	};

	await screen.settled();
	return {
		...screen,
		view: () => view,
		redraw,
		arm(next: Arming) {
			arming = next;
		},
		/** Everything that is drawn, as one text. */
		text: async () => (await screen.lines()).join('\n'),
		/** Every cell of some rows with its look, to see that nothing changed. */
		cells: (from: number, to: number, fromColumn = 0, toColumn = columns) =>
			Array.from({length: to - from}, (_, y) =>
				Array.from({length: toColumn - fromColumn}, (__, x) => screen.cell(fromColumn + x, from + y)),
			),
		/** No line may be wider than the screen, or be left out. */
		async expectToFit() {
			const lines = await screen.lines();
			expect(lines).toHaveLength(rows);
			for (const line of lines) {
				expect(textWidth(line)).toBeLessThanOrEqual(columns);
			}
		},
	};
};
