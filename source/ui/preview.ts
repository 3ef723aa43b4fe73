import {screenRun} from '../../state/session.js';
import type {State} from '../../state/state.js';
import {selectedId, type View} from '../../state/view.js';
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

/** Watches one screen at a time and has it painted where Ink leaves room. `onBack` hears how far back the screen really is. */
export const createPreview = ({
	fleet,
	painter,
	onBack,
}: {
	readonly fleet: Fleet;
	readonly painter: PanePainter;
	readonly onBack: (back: number) => void;
}): Preview => {
	let watch: Watch | undefined;
	let watched: Wanted | undefined;
	let isPaused = false;

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
		const opened = launcher.watch(target, {columns: area.columns, rows: area.rows, back}, frame => {
			if (watched?.target.ptyId !== target.ptyId) {
				return;
			}

			painter.apply(frame);
			if (frame.back < watched.back) {
				onBack(frame.back);
			}
		});
		if (watched === wanted) {
			watch = opened;
		} else {
			opened.close();
		}
	};

	const change = (wanted: Wanted, current: Wanted): void => {
		const {area, back} = wanted;
		const isSame = area.columns === current.area.columns && area.rows === current.area.rows && back === current.back;
		watched = wanted;
		if (!isSame) {
			watch?.setViewport({columns: area.columns, rows: area.rows, back});
		}
	};

	return {
		follow(view, layout) {
			if (isPaused) {
				return;
			}

			const area = paneArea(layout, view);
			const launcher = fleet.launcher();
			const target = area && targetOf(fleet.orchestrator.getState(), view, fleet);
			painter.setRectangle(launcher && target ? area : undefined);
			if (!area || !launcher || !target) {
				stop();
				return;
			}

			const wanted = {launcher, target, area, back: view.scroll.sessions};
			if (watched?.launcher === launcher && watched.target.ptyId === target.ptyId) {
				change(wanted, watched);
			} else {
				start(wanted);
			}
		},
		pause(paused) {
			isPaused = paused;
			if (paused) {
				stop();
			}
		},
		close() {
			stop();
			painter.close();
		},
	};
};
