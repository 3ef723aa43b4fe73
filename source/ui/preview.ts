import {screenRun} from '../../state/session/session.js';
import type {State} from '../../state/state.js';
import {selectedId, type View} from '../../state/view/view.js';
import type {Fleet} from '../fleet.js';
import {type LauncherPort, ptyIdOf, type Watch, type WatchTarget} from '../launcher-port.js';
import type {PanePainter} from '../terminal/painter.js';
import {type Area, type Layout, paneArea} from './layout.js';

/** The live screen of the selected session. */
export type Preview = {
	/** Follows the selection: call it after every frame was laid out. */
	follow(view: View, layout: Layout): void;
	/** Nothing is watched until it is `false` again: an agent has the whole terminal. */
	pause(isPaused: boolean): void;
	close(): void;
};

type Wanted = {readonly launcher: LauncherPort; readonly target: WatchTarget; readonly area: Area; readonly back: number};

/** The screen that stands for the selected session; `undefined` before it ever started. */
const targetOf = (state: State, view: View, {paths}: Fleet): WatchTarget | undefined => {
	const session = state.sessions[selectedId(view, 'sessions') ?? ''];
	const run = session && screenRun(state, session);
	if (!run || run.generation === 0 || run.state === 'starting') {
		return undefined;
	}

	const ptyId = ptyIdOf({runId: run.id, generation: run.generation});
	return {ptyId, recordingPath: paths.recording(ptyId)};
};

type Drawing = {readonly painter: PanePainter; readonly onBack: (back: number) => void};

const isSameViewport = (a: Wanted, b: Wanted): boolean =>
	a.area.columns === b.area.columns && a.area.rows === b.area.rows && a.back === b.back;

/** One watch at a time: another screen begins with an empty picture, so that no agent is shown under another's name. */
const createWatching = ({painter, onBack}: Drawing) => {
	let watch: Watch | undefined;
	let watched: Wanted | undefined;

	const stop = (): void => {
		watch?.close();
		watch = undefined;
		watched = undefined;
	};

	const start = (wanted: Wanted): void => {
		stop();
		painter.clear();
		watched = wanted;
		const {launcher, target, area, back} = wanted;
		watch = launcher.watch(target, {columns: area.columns, rows: area.rows, back}, frame => {
			if (watched?.target.ptyId !== target.ptyId) {
				return;
			}

			painter.apply(frame);
			if (frame.back < watched.back) {
				onBack(frame.back);
			}
		});
	};

	return {
		stop,
		show(wanted: Wanted): void {
			if (!watched || watched.launcher !== wanted.launcher || watched.target.ptyId !== wanted.target.ptyId) {
				start(wanted);
				return;
			}

			const {area, back} = wanted;
			const isSame = isSameViewport(watched, wanted);
			watched = wanted;
			if (!isSame) {
				watch?.setViewport({columns: area.columns, rows: area.rows, back});
			}
		},
	};
};

/** Watches the selected screen and has it painted where Ink leaves room. `onBack` hears how far back the screen really is. */
export const createPreview = ({fleet, ...drawing}: Drawing & {readonly fleet: Fleet}): Preview => {
	const {painter} = drawing;
	const watching = createWatching(drawing);
	let isPaused = false;

	return {
		follow(view, layout) {
			if (isPaused) {
				return;
			}

			const area = paneArea(layout, view);
			const launcher = fleet.launcher();
			const target = area && targetOf(fleet.orchestrator.getState(), view, fleet);
			painter.setRectangle(launcher && target ? area : undefined);
			if (area && launcher && target) {
				watching.show({launcher, target, area, back: view.scroll.sessions});
			} else {
				watching.stop();
			}
		},
		pause(paused) {
			isPaused = paused;
			if (paused) {
				watching.stop();
			}
		},
		close() {
			watching.stop();
			painter.close();
		},
	};
};
