import type {AttachEvents, Attachment} from '../launcher-port.js';
import {createDetachDetector, heldMs} from './detach-keys.js';
import type {KeyPress} from './key-press.js';
import type {OperatorTerminal} from './operator-terminal.js';
import type {Tenancy, Tenant} from './tenancy.js';
import type {Size} from './terminal-streams.js';

/** Why the operator is back in the console. */
export type AttachOutcome = 'detached' | 'ended';

export type AttachOptions = {
	readonly terminal: OperatorTerminal;
	/** Joins the agent's pty: `LauncherPort.attach` of one. */
	readonly attach: (size: Size, events: AttachEvents) => Promise<Attachment>;
	/** Keys that leave the agent's screen: `ctrl+<character>` only, since everything else may be the agent's. */
	readonly detachKeys?: readonly KeyPress[];
	/** Ink's `suspendTerminal`. */
	readonly suspend: () => Promise<{resume(): Promise<void> | void}>;
};

/** One stay on an agent's screen. */
type Stay = {
	readonly tenancy: () => Tenancy;
	attachment: Attachment | undefined;
	/** What the operator typed before the agent could be reached. */
	readonly typedAhead: Uint8Array[];
	/** What the operator typed behind the detach key: the console's. */
	readonly typedBehind: Uint8Array[];
	/** Between two repaints something was dropped: the stream means nothing until the next one. */
	isBroken: boolean;
	isOver: boolean;
};

const type = ({attachment, typedAhead}: Stay, bytes: Uint8Array): void => {
	if (bytes.length === 0) {
		return;
	}

	if (attachment) {
		attachment.input(bytes);
	} else {
		typedAhead.push(bytes);
	}
};

/** The operator's hand: everything to the agent, up to the detach key. */
const createTenant = (stay: Stay, detachKeys: readonly KeyPress[], onDetach: () => void): Tenant => {
	const detector = createDetachDetector({keys: detachKeys, now: () => performance.now()});
	let timer: NodeJS.Timeout | undefined;

	return {
		onBytes(bytes) {
			clearTimeout(timer);
			if (stay.isOver) {
				stay.typedBehind.push(bytes);
				return;
			}

			const {forAgent, afterKey} = detector.push(bytes);
			type(stay, forAgent);
			if (afterKey) {
				stay.isOver = true;
				stay.typedBehind.push(afterKey);
				onDetach();
			} else if (detector.isHolding()) {
				timer = setTimeout(() => type(stay, detector.flush()), heldMs);
			}
		},
		onRepaintNeeded() {
			stay.attachment?.repaint();
		},
	};
};

/** The agent's side: its bytes to the terminal, and a fresh picture wherever some were lost. */
const createEvents = (stay: Stay, onEnd: () => void): AttachEvents => ({
	onRepaint(bytes) {
		if (!stay.isOver) {
			stay.isBroken = !stay.tenancy().repaint(bytes);
		}
	},
	onOutput(bytes) {
		if (!stay.isOver && !stay.isBroken) {
			stay.isBroken = !stay.tenancy().write(bytes);
		}
	},
	onEnd,
});

const join = async (stay: Stay, {terminal, attach}: AttachOptions, events: AttachEvents): Promise<void> => {
	const size = terminal.size();
	const attachment = await attach(size, events);
	if (stay.isOver) {
		attachment.close();
		return;
	}

	stay.attachment = attachment;
	const {columns, rows} = terminal.size();
	if (columns !== size.columns || rows !== size.rows) {
		attachment.resize(columns, rows);
	}

	for (const bytes of stay.typedAhead.splice(0)) {
		attachment.input(bytes);
	}
};

/** Back to the console, come what may: Ink draws first, then what was typed behind the detach key is read. */
const leave = async (stay: Stay, suspended: {resume(): Promise<void> | void} | undefined): Promise<void> => {
	stay.isOver = true;
	stay.attachment?.close();
	stay.tenancy().showConsole();
	try {
		await suspended?.resume();
	} finally {
		stay.tenancy().release(Buffer.concat(stay.typedBehind));
	}
};

/**
 * Gives the operator's whole terminal to an agent until the detach key is pressed, the agent ends or the terminal is gone: bytes both ways, nothing
 * interpreted. From the call on, what is typed belongs to the agent. Rejects, with the console back, when the agent cannot be
 * reached or Ink does not let go.
 */
export const attachFullScreen = async (options: AttachOptions): Promise<AttachOutcome> => {
	const {terminal, detachKeys = ['ctrl+]'], suspend} = options;
	const outcome = Promise.withResolvers<AttachOutcome>();
	const stay: Stay = {
		tenancy: () => tenancy,
		attachment: undefined,
		typedAhead: [],
		typedBehind: [],
		isBroken: true,
		isOver: false,
	};
	const tenant = createTenant(stay, detachKeys, () => outcome.resolve('detached'));
	const tenancy = terminal.takeOver(tenant);
	const stopListening = [
		terminal.onResize(({columns, rows}) => stay.attachment?.resize(columns, rows)),
		terminal.onHangup(() => outcome.resolve('detached')),
	];
	let suspended: {resume(): Promise<void> | void} | undefined;

	try {
		suspended = await suspend();
		const joining = join(
			stay,
			options,
			createEvents(stay, () => outcome.resolve('ended')),
		);
		await Promise.race([joining, outcome.promise]);
		return await outcome.promise;
	} finally {
		for (const stop of stopListening) {
			stop();
		}

		await leave(stay, suspended);
	}
};
