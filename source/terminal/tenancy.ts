import {clearAgentStatus} from './fleet-status.js';
import type {InkOutput} from './ink-output.js';
import type {InputRouter} from './input-router.js';
import {
	beginUpdate,
	clearScreen,
	consoleModes,
	endOfSequence,
	endUpdate,
	hideCursor,
	leaveAgent,
	resetModes,
	saveTitle,
} from './restore-sequence.js';

/** Who has the whole terminal for a while. */
export type Tenant = {
	/** The operator's bytes as they came. */
	onBytes(bytes: Uint8Array): void;
	/** What is on the screen is no longer what was written: `repaint` is wanted. */
	onRepaintNeeded(): void;
};

/** The whole terminal, for a while. */
export type Tenancy = {
	/** Writes bytes of a stream; false when they were dropped, because the terminal lags: `onRepaintNeeded` follows when it has caught up. */
	write(bytes: Uint8Array): boolean;
	/** Draws anew, from a cleared screen with every mode off, in one update; false when that was dropped too. */
	repaint(bytes: Uint8Array): boolean;
	/** Undoes whatever the tenant's stream has set, clears the screen and shows what Ink writes from now on. The input stays the tenant's. */
	showConsole(): void;
	/** Gives the input back to the console, beginning with `rest`. */
	release(rest: Uint8Array): void;
	/** Asks the tenant for a repaint. */
	needRepaint(): void;
	/** Keeps what draws nothing until the next repaint, since a tenant's stream may be cut anywhere. Only the latest is kept. */
	signal(sequence: string): void;
	/** The same, for a report of which only the latest counts; it is no reason to ask for a repaint. */
	setStatus(sequence: string): void;
};

const encoder = new TextEncoder();

const lineFeed = 0x0a;
const verticalTab = 0x0b;

/**
 * Node's raw mode leaves the kernel turning every line feed into carriage return and line feed. An agent's line feed has been through its own pty
 * and means only "down": so it goes out as a vertical tab, which terminals treat alike and the kernel lets be.
 */
const asDownward = (bytes: Uint8Array): Uint8Array => {
	let at = bytes.indexOf(lineFeed);
	if (at === -1) {
		return bytes;
	}

	const copy = Uint8Array.from(bytes);
	for (; at !== -1; at = copy.indexOf(lineFeed, at + 1)) {
		copy[at] = verticalTab;
	}

	return copy;
};

/** Hands the terminal to `tenant`: from now on Ink draws for nobody, and the operator's bytes go raw to the tenant. */
export const takeOver = ({
	output,
	router,
	tenant,
	onReleased,
}: {
	readonly output: InkOutput;
	readonly router: InputRouter;
	readonly tenant: Tenant;
	readonly onReleased: () => void;
}): Tenancy => {
	let waitingSignal = '';
	let waitingStatus = '';
	let isShowingConsole = false;
	const takeSignal = () => {
		const sequence = waitingStatus + waitingSignal;
		waitingSignal = '';
		waitingStatus = '';
		return sequence;
	};

	const needRepaint = () => {
		if (isShowingConsole) {
			output.write(takeSignal());
			output.redraw();
		} else {
			tenant.onRepaintNeeded();
		}
	};

	output.gate(true);
	output.write(saveTitle);
	router.divert(bytes => tenant.onBytes(bytes));
	return {
		write: bytes => output.write(asDownward(bytes)),
		repaint(bytes) {
			const before = endOfSequence + takeSignal() + beginUpdate + resetModes + clearScreen;
			return output.write(Buffer.concat([encoder.encode(before), asDownward(bytes), encoder.encode(endUpdate)]));
		},
		showConsole() {
			isShowingConsole = true;
			output.writeAlways(leaveAgent + clearAgentStatus + takeSignal() + consoleModes + hideCursor + clearScreen);
			output.gate(false);
		},
		release(rest) {
			onReleased();
			router.restore(rest);
		},
		needRepaint,
		signal(sequence) {
			waitingSignal = sequence;
			needRepaint();
		},
		setStatus(sequence) {
			waitingStatus = sequence;
			if (isShowingConsole) {
				needRepaint();
			}
		},
	};
};
