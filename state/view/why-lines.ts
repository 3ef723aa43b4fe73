import {agentState} from '../agent/agent-machine.js';
import {explainStatus} from '../agent/agent-status.js';
import {queueLength} from '../queue/queue-order.js';
import {type Diagnosis, diagnose} from '../run/diagnosis.js';
import {isLive, isQueued, type Run} from '../run/run.js';
import {awaitedNames, runNotes} from '../run/run-notes.js';
import {usageParts} from '../safety/usage-line.js';
import {usageOf} from '../safety/usage-of-state.js';
import type {State} from '../state.js';
import {shortAge} from './age.js';
import {type FrameLine, foreign, foreignName, span, wrapLine} from './frame-line.js';

const heading = (text: string): FrameLine => [span(text, 'strong')];

const nameColumns = 10;

const field = (name: string, value: FrameLine): FrameLine => [span(`  ${name.padEnd(nameColumns)}`, 'quiet'), ...value];

const titleOf = (state: State, run: Run, nowMs: number): FrameLine => {
	const {label, agent} = state.sessions[run.sessionId]!;
	const attempt = run.generation === 0 ? '' : `, attempt ${run.generation}`;
	const since = isQueued(run) ? run.queuedAtMs : run.sinceMs;
	return [
		...foreignName(label, 'strong'),
		span(' runs '),
		...foreignName(agent),
		span(`: ${run.id}${attempt}, ${run.state} for ${shortAge(nowMs - since)}`, 'quiet'),
	];
};

const issueLines = ({issue}: Diagnosis): readonly FrameLine[] =>
	issue ? [foreign(issue.sentence), [span(issue.nextStep, 'quiet')]] : [[span('Nothing is in its way: it is running.', 'good')]];

const workerText = ({workerId, workerAlive, aliveWorkers, activePid}: Diagnosis, run: Run): string => {
	if (workerId === undefined || !isLive(run)) {
		return `${aliveWorkers} of them reachable`;
	}

	return `${workerId}, ${workerAlive ? 'reachable' : 'not reachable'}${activePid === undefined ? '' : `, process ${activePid}`}`;
};

const standingLines = (state: State, run: Run, found: Diagnosis, nowMs: number): readonly FrameLine[] => {
	const {queuePosition, slotsTaken, maxConcurrency, breaker, openEscalationIds} = found;
	const awaited = awaitedNames(state, run);
	const place = queuePosition === undefined ? [] : [field('queue', [span(`${queuePosition} of ${queueLength(state)}, lane ${run.lane}`)])];
	return [
		...place,
		field('slots', [span(`${slotsTaken} of ${maxConcurrency} taken`, slotsTaken >= maxConcurrency ? 'waiting' : 'plain')]),
		field('launcher', [span(workerText(found, run), found.aliveWorkers === 0 ? 'waiting' : 'plain')]),
		field('breaker', [span(breaker, breaker === 'closed' ? 'plain' : 'waiting')]),
		...(openEscalationIds.length === 0 ? [] : [field('asks', [span(openEscalationIds.join(', '), 'waiting')])]),
		...(awaited.length === 0 ? [] : [field('waits for', foreign(awaited.join(', ')))]),
		...runNotes(state, run, nowMs)
			.filter(({text}) => !text.startsWith('waits for'))
			.map(({text, tone}, index) => field(index === 0 ? 'notes' : '', foreign(text, tone))),
	];
};

const statusLines = (state: State, run: Run, nowMs: number): readonly FrameLine[] => {
	const session = state.sessions[run.sessionId]!;
	const told = run.status
		? explainStatus(run.status, nowMs).map(line => foreign(line))
		: [[span('Its agent has told nothing: it is taken to work while its process runs.')]];
	return [...told.map(line => [span('  '), ...line]), ...(isLive(run) ? [field('counts as', [span(agentState(state, session))])] : [])];
};

const usageLines = (state: State, run: Run): readonly FrameLine[] => {
	const parts = usageParts(usageOf(state, `session:${run.sessionId}`));
	return parts.length === 0 ? [] : [[], heading('Used by this session'), [span(`  ${parts.join(', ')}`)]];
};

/** Why a run is where it is, and why its agent is believed to do what it does: everything that is known, line by line. */
export const whyLines = (state: State, run: Run, nowMs: number): readonly FrameLine[] => {
	const found = diagnose(state, run, nowMs);
	return [
		titleOf(state, run, nowMs),
		[],
		...issueLines(found),
		[],
		heading('Where it stands'),
		...standingLines(state, run, found, nowMs),
		...(isLive(run) ? [[], heading('What its agent does'), ...statusLines(state, run, nowMs)] : []),
		...usageLines(state, run),
	];
};

/** The same in lines of so many columns. */
export const whyBody = (
	state: State,
	run: Run,
	{columns, nowMs}: {readonly columns: number; readonly nowMs: number},
): readonly FrameLine[] =>
	whyLines(state, run, nowMs).flatMap(line => (line.length === 0 ? [line] : wrapLine(line, columns, {words: true})));
