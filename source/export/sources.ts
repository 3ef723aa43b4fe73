/** One event of an asciicast recording. */
export type RecordedEvent = {
	/** Milliseconds since the recording began; never less than the event before. */
	readonly atMs: number;
	/** `o` output, `i` input, `r` size (`80x24`), `m` marker, `x` exit status. */
	readonly code: string;
	readonly data: string;
};

/** Where an export reads what terminals showed. A pty's id names one attempt: `run_….1`. */
export type ExportSources = {
	/** The whole output of an attempt as plain lines. Rejects when nothing is left of it. */
	readonly outputText: (ptyId: string) => Promise<readonly string[]>;
	/** The recording of an attempt; its first event is the size (`r`) it began with. Throws when there is none. */
	readonly recordingEvents: (ptyId: string) => AsyncIterable<RecordedEvent>;
};

/** The output of an attempt, or the reason why there is none. */
export type AttemptOutput = {readonly lines: readonly string[]} | {readonly lines?: undefined; readonly why: string};

/** Reads the output of an attempt; that it cannot be read is a finding for the export, not its end. */
export const readOutput = async ({outputText}: Pick<ExportSources, 'outputText'>, ptyId: string): Promise<AttemptOutput> => {
	try {
		return {lines: await outputText(ptyId)};
	} catch (error) {
		return {why: error instanceof Error ? error.message : String(error)};
	}
};
