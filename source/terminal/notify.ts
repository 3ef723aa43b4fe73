import {notificationText} from './notification-text.js';

export type Notification = {
	/** Where it comes from, in our own words. */
	readonly title: string;
	/** What happened; may hold an agent's words. */
	readonly body: string;
};

export type Notifier = {
	/** Rings and tells, at once or, within two seconds of the last time, after them: then only the latest one, with how many it stands for. */
	notify(notification: Notification): void;
	/** Forgets what waits. */
	close(): void;
};

export type NotifierOptions = {
	readonly terminal: {readonly env: Readonly<Record<string, string | undefined>>; signal(sequence: string): void};
	/** A monotonic clock in milliseconds. */
	readonly now?: () => number;
	/** Starts a timer and returns what stops it. */
	readonly startTimer?: (callback: () => void, delayMs: number) => () => void;
};

/** The least time between two bells. */
export const bellMs = 2000;

const bell = '\u{07}';
const osc = (text: string): string => `\u{1B}]${text}\u{1B}\\`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Ways of telling, each with how a terminal that knows it gives itself away. */
const dialects: ReadonlyArray<{
	readonly knows: (env: NotifierOptions['terminal']['env']) => boolean;
	readonly sequence: (notification: Notification) => string;
}> = [
	{
		// Inside a multiplexer the variables of the terminal around it are inherited, but what is sent ends in the multiplexer.
		knows: ({TMUX, STY, TERM_PROGRAM}) => TMUX !== undefined || STY !== undefined || TERM_PROGRAM === 'tmux',
		sequence: () => '',
	},
	{
		knows: ({KITTY_WINDOW_ID, TERM}) => KITTY_WINDOW_ID !== undefined || TERM === 'xterm-kitty',
		sequence: ({title, body}) => osc(`99;i=agent-tui:d=0:e=1;${base64(title)}`) + osc(`99;i=agent-tui:d=1:e=1:p=body;${base64(body)}`),
	},
	{
		knows: ({VTE_VERSION, TERM = ''}) => VTE_VERSION !== undefined || /^(?:foot|rxvt)/.test(TERM),
		sequence: ({title, body}) => osc(`777;notify;${title.replaceAll(';', ',')};${body.replaceAll(';', ',')}`),
	},
	{
		knows: ({TERM_PROGRAM = ''}) => ['iTerm.app', 'WezTerm', 'ghostty', 'WarpTerminal'].includes(TERM_PROGRAM),
		// A number at the start would be taken for another command.
		sequence: ({title, body}) => osc(`9;${`${title}: ${body}`.replace(/^(?=\d)/, '› ')}`),
	},
];

/** The bell, and a notification where the terminal is known to show one. */
const sequenceFor = (env: NotifierOptions['terminal']['env'], {title, body}: Notification): string => {
	const safe = {title: notificationText(title), body: notificationText(body)};
	return bell + (dialects.find(({knows}) => knows(env))?.sequence(safe) ?? '');
};

const startSystemTimer = (callback: () => void, delayMs: number): (() => void) => {
	const timer = setTimeout(callback, delayMs);
	return () => clearTimeout(timer);
};

/** Calls the operator back to the console: one bell, and the notification the terminal understands, never more than one in two seconds. */
export const createNotifier = ({terminal, now = () => performance.now(), startTimer = startSystemTimer}: NotifierOptions): Notifier => {
	let lastMs = Number.NEGATIVE_INFINITY;
	let waiting: Notification | undefined;
	let unseen = 0;
	let stopTimer: (() => void) | undefined;

	const tell = (notification: Notification): void => {
		lastMs = now();
		terminal.signal(sequenceFor(terminal.env, notification));
	};

	const tellWaiting = (): void => {
		stopTimer = undefined;
		if (waiting) {
			const {title, body} = waiting;
			tell({title: unseen > 1 ? `${title} (and ${unseen - 1} more)` : title, body});
			waiting = undefined;
			unseen = 0;
		}
	};

	return {
		notify(notification) {
			const remainingMs = lastMs + bellMs - now();
			if (remainingMs <= 0 && !waiting) {
				tell(notification);
				return;
			}

			waiting = notification;
			unseen++;
			stopTimer ??= startTimer(tellWaiting, Math.max(0, remainingMs));
		},
		close() {
			stopTimer?.();
			stopTimer = undefined;
			waiting = undefined;
		},
	};
};
