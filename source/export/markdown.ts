import type {Escalation} from '../../state/escalation/escalation.js';
import type {Attempt} from '../../state/run/run.js';
import type {TypedMessage} from '../../state/session/message.js';
import {visible} from '../../state/view/visible.js';
import {ptyIdOf} from '../launcher-port.js';
import {attemptAccount, escalationAccount, runAccount, sessionAccount} from './accounts.js';
import {bodyLines} from './body-text.js';
import {moment} from './moments.js';
import type {Redact} from './redact.js';
import {type ExportSources, readOutput} from './sources.js';
import {talkOf} from './talk.js';
import type {RunTranscript, SessionTranscript, Transcript} from './transcript.js';

type Options = Pick<ExportSources, 'outputText'> & {readonly redact: Redact};

const entities: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;'};

/** Words as they are, not as marks: no tag, link, heading or emphasis comes of them. */
const escaped = (text: string): string =>
	text.replaceAll(/[\\`*[\]<>&|~#!$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, character => entities[character] ?? `\\${character}`);

/** One line of ours with words of others in it. */
const prose = (text: string, redact: Redact): string => escaped(visible(redact(text)));

const list = (sentences: readonly string[], redact: Redact): string => `${sentences.map(one => `- ${prose(one, redact)}`).join('\n')}\n\n`;

/** A block that nothing in it can end: its fence is longer than any row of backticks inside. */
const fenced = (lines: readonly string[], kind: string): string => {
	const longest =
		lines
			.join('\n')
			.match(/`+/g)
			?.reduce((most, ticks) => Math.max(most, ticks.length), 0) ?? 0;
	const fence = '`'.repeat(Math.max(3, longest + 1));
	return `${[`${fence}${kind}`, ...lines, fence].join('\n')}\n\n`;
};

const attemptChunk = async (attempt: Attempt, runId: string, {redact, ...sources}: Options): Promise<string> => {
	const output = await readOutput(sources, ptyIdOf({runId, generation: attempt.generation}));
	const facts = `#### Attempt ${attempt.generation}\n\n${list(attemptAccount(attempt), redact)}`;
	if (!output.lines) {
		return `${facts}Its output could not be read: ${prose(output.why, redact)}\n\n`;
	}

	return output.lines.length === 0 ? `${facts}It put nothing out.\n\n` : facts + fenced(bodyLines(output.lines.join('\n'), redact), 'text');
};

const messageChunk = ({by, atMs, text}: TypedMessage, redact: Redact): string =>
	`#### Typed by ${prose(by, redact)} at ${moment(atMs)}\n\n${fenced(bodyLines(text, redact), 'text')}`;

const payloadChunk = ({payload}: Escalation, redact: Redact): string => {
	const {diff, ...rest} = payload ?? {};
	const facts = Object.keys(rest).length === 0 ? '' : fenced(bodyLines(JSON.stringify(rest, null, 2), redact), 'json');
	return facts + (diff === undefined ? '' : fenced(bodyLines(diff, redact), 'diff'));
};

const escalationChunk = (escalation: Escalation, redact: Redact): string => {
	const {id, kind, text, decision} = escalation;
	const asked = `${fenced(bodyLines(text, redact), 'text')}${payloadChunk(escalation, redact)}`;
	const answer = decision?.text === undefined ? '' : `Words of the decision:\n\n${fenced(bodyLines(decision.text, redact), 'text')}`;
	return `#### Request ${id}: ${kind}\n\n${asked}${list(escalationAccount(escalation), redact)}${answer}`;
};

async function* runChunks(one: RunTranscript, number: number, options: Options): AsyncGenerator<string> {
	const {run} = one;
	yield `### Run ${number}: ${run.state}\n\n${list(runAccount(run), options.redact)}`;
	yield run.text === '' ? 'Started without a prompt.\n\n' : fenced(bodyLines(run.text, options.redact), 'text');
	for (const item of talkOf(one)) {
		switch (item.type) {
			case 'attempt': {
				yield await attemptChunk(item.attempt, run.id, options);
				break;
			}

			case 'message': {
				yield messageChunk(item.message, options.redact);
				break;
			}

			case 'escalation': {
				yield escalationChunk(item.escalation, options.redact);
				break;
			}
		}
	}
}

async function* sessionChunks(one: SessionTranscript, options: Options): AsyncGenerator<string> {
	yield `## ${prose(one.session.label, options.redact)}\n\n${list(sessionAccount(one), options.redact)}`;
	if (one.runs.length === 0) {
		yield 'Nothing was ever run in it.\n\n';
	}

	for (const [at, run] of one.runs.entries()) {
		yield* runChunks(run, at + 1, options);
	}
}

/**
 * An export to read: prompts, output, typed lines, requests and decisions of each run, in order. Agents' words stand in fences they
 * cannot leave, or escaped; what cannot be seen is spelt out.
 */
export async function* markdownChunks({sessions, isTree, takenAtMs}: Transcript, options: Options): AsyncGenerator<string> {
	const what = isTree ? ` and everything below it (sessions: ${sessions.length})` : '';
	yield `# Export of ${prose(sessions[0]!.session.label, options.redact)}${what}\n\nTaken ${moment(takenAtMs)}.\n\n`;
	for (const one of sessions) {
		yield* sessionChunks(one, options);
	}
}
