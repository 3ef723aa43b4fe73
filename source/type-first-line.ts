import type {LauncherPort} from './launcher-port.js';

/** An agent that wrote something and was then silent this long has drawn its prompt. */
const quietMs = 1500;

/** Nobody waits longer for an agent to be up. */
const longestMs = 20_000;

/**
 * Types and submits the first line for an agent that takes no prompt as an argument, as soon as it says that it is idle, or falls silent
 * after its first output. Rejects when the pty ended before.
 */
export const typeFirstLine = async ({
	launcher,
	ptyId,
	text,
}: {
	readonly launcher: Pick<LauncherPort, 'onActivity' | 'typeLine'>;
	readonly ptyId: string;
	readonly text: string;
}): Promise<void> => {
	await new Promise<void>(resolve => {
		let quiet: NodeJS.Timeout | undefined;
		const finish = (): void => {
			clearTimeout(quiet);
			clearTimeout(longest);
			unsubscribe();
			resolve();
		};
		const longest = setTimeout(finish, longestMs);
		const unsubscribe = launcher.onActivity(activity => {
			if (activity.ptyId !== ptyId) {
				return;
			}

			clearTimeout(quiet);
			if (activity.status?.activity === 'idle') {
				finish();
				return;
			}

			quiet = setTimeout(finish, quietMs);
		});
	});
	await launcher.typeLine(ptyId, text);
};
