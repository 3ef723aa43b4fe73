import type {Activity, AttachEvents, KeyPress, LauncherPort, ScreenFrame, Viewport} from '../../source/launcher-port.js';

/** One screen that is watched now, as the console asked for it. */
export type Watched = {readonly ptyId: string; viewport: Viewport; readonly show: (frame: ScreenFrame) => void};

/** A picture of these lines, from the top of the viewport. */
export const frameOf = (lines: readonly string[], {back = 0}: {readonly back?: number} = {}): ScreenFrame => ({
	full: true,
	rows: lines.map((line, y) => [y, line] as const),
	cursor: undefined,
	back,
	historyLines: 1000,
});

/**
 * The launcher's promise with its screens in the test's hand: every live pty shows its own name, and whatever `show` is given.
 * What the console asks of it is kept.
 */
export const createScriptedLauncher = () => {
	const watches = new Set<Watched>();
	const typed: string[] = [];
	const sizes: string[] = [];
	const pressed: string[] = [];
	let keyPress: KeyPress = {pressed: true, left: true};
	const activities = new Set<(activity: Activity) => void>();
	let attached: AttachEvents | undefined;

	const launcher: LauncherPort = {
		launcherId: 'lch_1',
		spawn: async () => {},
		stop: async () => ({processes: 1, survivors: 0, killed: false}),
		typeLine: async () => {},
		async pressKeys(ptyId, {fingerprint, keys}) {
			pressed.push(`${keys} ${fingerprint} on ${ptyId}`);
			return keyPress;
		},
		watch({ptyId}, viewport, onFrame) {
			const watched: Watched = {ptyId, viewport, show: onFrame};
			watches.add(watched);
			onFrame(frameOf([`screen of ${ptyId}`]));
			return {
				setViewport(next) {
					watched.viewport = next;
					onFrame(frameOf([`screen of ${ptyId}, ${next.back} back`], {back: Math.min(next.back, 20)}));
				},
				close: () => watches.delete(watched),
			};
		},
		async attach(ptyId, {columns, rows}, events) {
			attached = events;
			sizes.push(`${columns}x${rows}`);
			events.onRepaint(Buffer.from(`attached to ${ptyId}\r\n`));
			return {
				input(bytes) {
					typed.push(Buffer.from(bytes).toString());
				},
				resize(nextColumns, nextRows) {
					sizes.push(`${nextColumns}x${nextRows}`);
				},
				repaint: () => events.onRepaint(Buffer.from(`attached to ${ptyId}\r\n`)),
				close() {},
			};
		},
		text: async () => [],
		list: async () => [],
		forget() {},
		onReport: () => () => {},
		acknowledge() {},
		onActivity(listener) {
			activities.add(listener);
			return () => activities.delete(listener);
		},
		onConnection: () => () => {},
		close: async () => {},
	};
	return {
		launcher,
		watched: (): readonly Watched[] => [...watches],
		typed: (): string => typed.join(''),
		sizes: (): readonly string[] => sizes,
		/** The attached agent writes. */
		output: (text: string) => attached?.onOutput(Buffer.from(text)),
		/** The attached agent ends. */
		end: () => attached?.onEnd(),
		/** The keys that were asked for: their name, fingerprint and pty. */
		pressed: (): readonly string[] => pressed,
		/** What becomes of keys from now on. */
		answerKeys(answer: KeyPress) {
			keyPress = answer;
		},
		/** The pty is heard of, with whatever its output told. */
		isActive(ptyId: string, told: Pick<Activity, 'status' | 'prompt'> = {}) {
			for (const listener of activities) {
				listener({ptyId, outputBytes: 1, lastOutputAtMs: 0, title: '', bells: 0, ...told});
			}
		},
	};
};
