import type {Escalation} from '../../state/escalation/escalation.js';
import {visible} from '../../state/view/visible.js';
import {ptyIdOf} from '../launcher-port.js';
import {attemptAccount, escalationAccount, runAccount, sessionAccount} from './accounts.js';
import {bodyLines} from './body-text.js';
import {moment} from './moments.js';
import type {Redact} from './redact.js';
import {type ExportSources, readOutput} from './sources.js';
import {type TalkItem, talkOf} from './talk.js';
import type {SessionTranscript, Transcript} from './transcript.js';

type Options = Pick<ExportSources, 'outputText'> & {readonly redact: Redact};

const facts = (heading: string, sentences: readonly string[], redact: Redact): string =>
	`${[heading, ...sentences.map(one => `  ${one}`)].map(one => visible(redact(one))).join('\n')}\n`;

/** Words of others: a bar before each line, which no line of ours has. */
const quoted = (text: string, redact: Redact): string =>
	`${bodyLines(text, redact)
		.map(line => `  │ ${line}`.trimEnd())
		.join('\n')}\n`;

const requestText = (escalation: Escalation, redact: Redact): string => {
	const {id, kind, text, payload, decision} = escalation;
	const {diff, ...rest} = payload ?? {};
	const plan = Object.keys(rest).length === 0 ? '' : quoted(JSON.stringify(rest, null, 2), redact);
	const change = diff === undefined ? '' : quoted(diff, redact);
	const answer = decision?.text === undefined ? '' : `  Words of the decision:\n${quoted(decision.text, redact)}`;
	return facts(`Request ${id}: ${kind}`, escalationAccount(escalation), redact) + quoted(text, redact) + plan + change + answer;
};

const itemText = async (item: TalkItem, runId: string, {redact, ...sources}: Options): Promise<string> => {
	switch (item.type) {
		case 'message': {
			return facts(`Typed by ${item.message.by} at ${moment(item.atMs)}`, [], redact) + quoted(item.message.text, redact);
		}

		case 'escalation': {
			return requestText(item.escalation, redact);
		}

		case 'attempt': {
			const {attempt} = item;
			const output = await readOutput(sources, ptyIdOf({runId, generation: attempt.generation}));
			const account = attemptAccount(attempt);
			const all = output.lines ? account : [...account, `Its output could not be read: ${output.why}`];
			const body = output.lines && output.lines.length > 0 ? quoted(output.lines.join('\n'), redact) : '';
			return facts(`Attempt ${attempt.generation}`, all, redact) + body;
		}
	}
};

async function* sessionTexts(one: SessionTranscript, options: Options): AsyncGenerator<string> {
	const {redact} = options;
	yield `\n${facts(`=== ${one.session.label}`, sessionAccount(one), redact)}`;
	for (const [at, run] of one.runs.entries()) {
		yield `\n${facts(`--- Run ${at + 1}: ${run.run.state}`, runAccount(run.run), redact)}${run.run.text === '' ? '' : quoted(run.run.text, redact)}`;
		for (const item of talkOf(run)) {
			yield `\n${await itemText(item, run.run.id, options)}`;
		}
	}
}

/** An export to read in any viewer: the same as Markdown, with a bar before every line that is not ours. */
export async function* textChunks({sessions, isTree, takenAtMs}: Transcript, options: Options): AsyncGenerator<string> {
	const what = isTree ? ` and everything below it (sessions: ${sessions.length})` : '';
	yield facts(`Export of ${sessions[0]!.session.label}${what}, taken ${moment(takenAtMs)}`, [], options.redact);
	for (const one of sessions) {
		yield* sessionTexts(one, options);
	}
}
