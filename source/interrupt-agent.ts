import {setTimeout as sleep} from 'node:timers/promises';
import type {LauncherPort} from './launcher-port.js';

const escapeKey = '\u001B';

/** Keys and a line in one go would be read as one key: agents tell Escape from an escape sequence by the silence behind it. */
const settleMs = 300;

/**
 * Interrupts an agent's turn: through its own protocol where it has one, else by the keys its adapter names (Escape unless told
 * otherwise). Resolves once a line may be typed. Rejects when there is no such live pty.
 */
export const interruptAgent = async ({
	launcher,
	ptyId,
	runId,
	keys = escapeKey,
	interruptChannel,
}: {
	readonly launcher: LauncherPort;
	readonly ptyId: string;
	readonly runId: string;
	readonly keys?: string;
	readonly interruptChannel?: (runId: string) => Promise<boolean>;
}): Promise<void> => {
	const isDone = await interruptChannel?.(runId);
	if (isDone) {
		await sleep(settleMs);
		return;
	}

	const pty = (await launcher.list()).find(one => one.ptyId === ptyId && !one.exit);
	if (!pty) {
		throw new Error(`There is no live terminal ${ptyId} to interrupt.`);
	}

	// At the size it has, so that nothing is redrawn.
	const attachment = await launcher.attach(ptyId, pty, {onRepaint() {}, onOutput() {}, onEnd() {}});
	attachment.input(Buffer.from(keys));
	await sleep(settleMs);
	attachment.close();
};
