import type {InkOutput} from './ink-output.js';
import type {InputRouter} from './input-router.js';
import {beginUpdate, clearScreen, consoleModes, endOfSequence, endUpdate, hideCursor, resetModes} from './restore-sequence.js';

/** Who has the whole terminal for a while. */
export type Tenant = {
	/** The operator's bytes as they came. */
	onBytes(bytes: Uint8Array): void;
	/** What is on the screen is no longer what was written: `repaint` is wanted. */
	onRepaintNeeded(): void;
};

/** The whole terminal, for a while. */
export type Tenancy = {
	/** Writes as it is; dropped while the terminal lags (`onRepaintNeeded` follows when it has caught up). */
	write(bytes: Uint8Array): void;
	/** Draws anew, from a cleared screen with every mode off, in one update. */
	repaint(bytes: Uint8Array): void;
	/** Clears the screen, undoes the tenant's modes with `leaving`, and shows what Ink writes from now on. The input stays the tenant's. */
	showConsole(leaving: string): void;
	/** Gives the input back to the console, beginning with `rest`. */
	release(rest: Uint8Array): void;
	/** Asks the tenant for a repaint. */
	needRepaint(): void;
	/** Keeps what draws nothing until the next repaint, since a tenant's stream may be cut anywhere. */
	signal(sequence: string): void;
};

const encoder = new TextEncoder();

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
	const signals: string[] = [];
	let isShowingConsole = false;
	const takeSignals = () => signals.splice(0).join('');

	const needRepaint = () => {
		if (isShowingConsole) {
			output.write(takeSignals());
			output.redraw();
		} else {
			tenant.onRepaintNeeded();
		}
	};

	output.gate(true);
	router.divert(bytes => tenant.onBytes(bytes));
	return {
		write(bytes) {
			output.write(bytes);
		},
		repaint(bytes) {
			const before = endOfSequence + takeSignals() + beginUpdate + resetModes + clearScreen;
			output.write(Buffer.concat([encoder.encode(before), bytes, encoder.encode(endUpdate)]));
		},
		showConsole(leaving) {
			isShowingConsole = true;
			output.writeAlways(leaving + takeSignals() + consoleModes + hideCursor + clearScreen);
			output.gate(false);
		},
		release(rest) {
			onReleased();
			router.restore(rest);
		},
		needRepaint,
		signal(sequence) {
			signals.push(sequence);
			needRepaint();
		},
	};
};
