import {readFileSync, statSync} from 'node:fs';

/** Larger transcripts are not read: an agent waits for its hook. */
const largestTranscript = 64 * 1024 * 1024;

/** What a conversation used so far, as its agent's own transcript has it. */
export type TranscriptUsage = {readonly input_tokens: number; readonly output_tokens: number};

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const countOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

const parsed = (line: string): Fields => {
	try {
		return fieldsOf(JSON.parse(line));
	} catch {
		// The line that is being written.
		return {};
	}
};

const sum = (usages: Iterable<TranscriptUsage>): TranscriptUsage => {
	let [input, output] = [0, 0];
	for (const usage of usages) {
		input += usage.input_tokens;
		output += usage.output_tokens;
	}

	return {input_tokens: input, output_tokens: output};
};

/** Claude repeats a message's usage on each of its lines; Copilot has a record for each answer of the model. */
const usageOfLine = (line: string, place: number): readonly [key: string, usage: TranscriptUsage] | undefined => {
	if (!line.includes('okens"')) {
		return undefined;
	}

	const {type, message, data} = parsed(line);
	if (type === 'session.usage_record') {
		const {inputTokens, outputTokens} = fieldsOf(fieldsOf(data)['usage']);
		return [`record ${place}`, {input_tokens: countOf(inputTokens), output_tokens: countOf(outputTokens)}];
	}

	const {id, role, usage} = fieldsOf(message);
	if (role !== 'assistant' || usage === undefined) {
		return undefined;
	}

	const {input_tokens: fresh, cache_creation_input_tokens: written, cache_read_input_tokens: read, output_tokens: output} = fieldsOf(usage);
	const input = countOf(fresh) + countOf(written) + countOf(read);
	return [typeof id === 'string' ? id : `line ${place}`, {input_tokens: input, output_tokens: countOf(output)}];
};

/** The sums of a transcript (JSON Lines of Claude Code or Copilot CLI); `undefined` when it cannot be read or tells nothing. */
export const transcriptUsage = (file: string): TranscriptUsage | undefined => {
	try {
		if (statSync(file).size > largestTranscript) {
			return undefined;
		}

		const found = readFileSync(file, 'utf8')
			.split('\n')
			.map(usageOfLine)
			.filter(entry => entry !== undefined);
		return found.length === 0 ? undefined : sum(new Map(found).values());
	} catch {
		return undefined;
	}
};
