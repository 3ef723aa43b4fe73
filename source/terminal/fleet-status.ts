import type {FleetCounts} from '../../state/view/fleet-counts.js';

type Counts = Pick<FleetCounts, 'needsYou' | 'working'>;

const report = (fields: string): string => `\u{1B}]7501;${fields}\u{1B}\\`;
const ours = 'id=agent-tui:app=agent-tui';

const waiting = (count: number): string => `${count} ${count === 1 ? 'waits' : 'wait'} for you`;

/** Takes the fleet's report back: the console is gone. */
export const clearFleetStatus = report('state=clear:id=agent-tui');

/** Takes back what a program without an id has reported: an agent's own word ends with its stay on the operator's terminal. */
export const clearAgentStatus = report('state=clear');

/** The whole fleet as one report of the program status protocol (OSC 7501): terminals show it on the tab or window of the console. */
export const fleetStatusSequence = ({needsYou, working}: Counts): string => {
	if (needsYou > 0) {
		const message = Buffer.from(waiting(needsYou)).toString('base64');
		return report(`state=blocked:${ours}:kind=permission:msg=${message}`);
	}

	return report(working > 0 ? `state=working:${ours}` : `state=idle:${ours}`);
};

export type FleetStatus = {
	/** Something changed: the report follows a moment later, if it is another one than before. */
	update(): void;
	close(): void;
};

export type FleetStatusOptions = {
	readonly terminal: {readonly env: Readonly<Record<string, string | undefined>>; setStatus(sequence: string): void};
	readonly counts: () => Counts;
	/** Starts a timer and returns what stops it. */
	readonly startTimer?: (callback: () => void, delayMs: number) => () => void;
};

/** How long changes are gathered. */
export const gatheringMs = 250;

/** These print what they do not know. */
const isPlain = ({TERM = ''}: FleetStatusOptions['terminal']['env']): boolean => /^(?:dumb|linux|vt\d+|cons\d+)?$/.test(TERM);

const startSystemTimer = (callback: () => void, delayMs: number): (() => void) => {
	const timer = setTimeout(callback, delayMs);
	return () => clearTimeout(timer);
};

/** Keeps the operator's terminal told how the fleet stands; says nothing twice. */
export const createFleetStatus = ({terminal, counts, startTimer = startSystemTimer}: FleetStatusOptions): FleetStatus => {
	const isSilent = isPlain(terminal.env);
	let told = '';
	let stopTimer: (() => void) | undefined;

	const tell = () => {
		stopTimer = undefined;
		const sequence = fleetStatusSequence(counts());
		if (sequence !== told) {
			told = sequence;
			terminal.setStatus(sequence);
		}
	};

	return {
		update() {
			if (!isSilent) {
				stopTimer ??= startTimer(tell, gatheringMs);
			}
		},
		close() {
			stopTimer?.();
			stopTimer = undefined;
		},
	};
};
