import {readRecording, replayRecording} from '../launcher/replay.js';
import type {LauncherPort} from '../launcher-port.js';
import type {Paths} from '../paths.js';

/** What an export reads of agents' terminals: from the launcher while it has the screen, else from the recording. */
export const exportSources = (paths: Paths, launcher?: LauncherPort) => ({
	async outputText(ptyId: string): Promise<readonly string[]> {
		const recordingPath = paths.recording(ptyId);
		if (launcher) {
			return launcher.text({ptyId, recordingPath}, 'all');
		}

		const screen = await replayRecording(recordingPath, {maxBytes: Number.MAX_SAFE_INTEGER});
		if (!screen) {
			throw new Error(`there is no recording ${recordingPath}`);
		}

		const lines = screen.text('all');
		screen.dispose();
		return lines;
	},
	recordingEvents: (ptyId: string) => readRecording(paths.recording(ptyId)),
});
