import type {Escalation} from '../../state/escalation/escalation.js';
import type {Attempt, Run} from '../../state/run/run.js';
import {visible} from '../../state/view/visible.js';
import {duration, moment} from './moments.js';
import type {SessionTranscript} from './transcript.js';

/** Sentences about what happened, for people. Agents' words in them are made visible; what stands for a document still has to escape. */
type Account = readonly string[];

const present = (sentences: ReadonlyArray<string | false | undefined>): Account =>
	sentences.filter(sentence => sentence !== undefined && sentence !== false);

export const sessionAccount = ({session, state, path}: SessionTranscript): Account =>
	present([
		`Session ${session.id}, agent ${visible(session.agent)}, ${state}`,
		`Created ${moment(session.createdAtMs)} in ${visible(session.cwd)}`,
		path.length > 1 &&
			`Below ${path
				.slice(0, -1)
				.map(label => visible(label))
				.join(' › ')}, spawned by ${session.parentRunId}`,
	]);

export const runAccount = (run: Run): Account =>
	present([
		`Run ${run.id}, lane ${run.lane}, asked for by ${visible(run.by)} at ${moment(run.queuedAtMs)}`,
		`${run.state} since ${moment(run.sinceMs)}${run.ending === undefined ? '' : `: ${visible(run.ending)}`}`,
	]);

const exitOf = ({exitCode, signal}: Attempt): string | undefined => {
	if (exitCode !== undefined && exitCode !== null) {
		return `exit ${exitCode}`;
	}

	return signal === undefined || signal === null ? undefined : `signal ${signal}`;
};

const endOfAttempt = (attempt: Attempt): string | undefined => {
	const {claimedAtMs, startedAtMs, endedAtMs, sentence} = attempt;
	if (endedAtMs === undefined) {
		return undefined;
	}

	const how = present([exitOf(attempt), sentence === undefined ? undefined : visible(sentence)]).join(', ');
	return `Ended ${moment(endedAtMs)} after ${duration(endedAtMs - (startedAtMs ?? claimedAtMs))}${how === '' ? '' : `: ${how}`}`;
};

export const attemptAccount = (attempt: Attempt): Account => {
	const {launcherId, claimedAtMs, startedAtMs, pid, proof} = attempt;
	const started = startedAtMs === undefined ? ', never started' : `, started ${moment(startedAtMs)} as process ${pid}`;
	return present([
		`Claimed ${moment(claimedAtMs)} for launcher ${launcherId}${started}`,
		endOfAttempt(attempt),
		proof && `Stop proved: tree of ${proof.processes}, ${proof.survivors} survivors${proof.killed ? ', killed' : ''}`,
	]);
};

const choiceWords = {approve: 'Approved', deny: 'Denied', answer: 'Answered'} as const;

const outcomeOf = ({state, decision, closed, raisedAtMs, expiresAtMs}: Escalation): string => {
	if (decision) {
		return `${choiceWords[decision.choice]} by ${visible(decision.by)} at ${moment(decision.atMs)}, waited ${duration(decision.atMs - raisedAtMs)}`;
	}

	return closed
		? `${state === 'expired' ? 'Expired' : 'Withdrawn'} at ${moment(closed.atMs)}, waited ${duration(closed.atMs - raisedAtMs)}: ${visible(closed.why)}`
		: `Open; expires ${moment(expiresAtMs)}`;
};

export const escalationAccount = (escalation: Escalation): Account => {
	const {raisedAtMs, blocking, shown, deliveredAtMs, fingerprint, generation, askerGone} = escalation;
	return present([
		`Raised ${moment(raisedAtMs)} by attempt ${generation}${blocking ? ', which waits for it' : ''}; fingerprint ${visible(fingerprint)}`,
		shown && `Shown ${moment(shown.atMs)} at ${shown.columns}×${shown.rows}`,
		outcomeOf(escalation),
		deliveredAtMs !== undefined && `Delivered ${moment(deliveredAtMs)}`,
		askerGone === true && 'Its asker is gone',
	]);
};
