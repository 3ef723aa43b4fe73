import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
	type AgentStatus,
	explainStatus,
	guessedStatus,
	guessedWorkingMs,
	heldStatus,
	type StatusRecords,
	statusAfter,
	statusLifetimeMs,
	statusOf,
	statusSources,
	withoutRecords,
	withRecord,
} from '../../state/agent/agent-status.js';

const activities = ['starting', 'working', 'blocked', 'idle', 'done', 'error', 'exited'] as const;
const rank = ({source}: AgentStatus): number => statusSources.indexOf(source);

const anyStatus = (atMs: fc.Arbitrary<number>): fc.Arbitrary<AgentStatus> =>
	fc
		.record({activity: fc.constantFrom(...activities), source: fc.constantFrom(...statusSources), atMs, ageMs: fc.nat(1_000_000)})
		.map(({activity, source, atMs: seenMs, ageMs}) => ({
			activity,
			source,
			confidence: 0.5,
			sinceMs: Math.max(0, seenMs - ageMs),
			seenMs,
			evidence: `${source} saw ${activity}`,
		}));

const hasExited = ({activity, source}: AgentStatus) => activity === 'exited' && source === 'process';
const living = (atMs: fc.Arbitrary<number>) => anyStatus(atMs).filter(status => !hasExited(status));

/** A current status, a later one and now, in the order of time. */
const story = fc
	.tuple(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1_000_000))
	.chain(([a, b, c]) => fc.tuple(living(fc.constant(a)), living(fc.constant(a + b)), fc.constant(a + b + c)));

const at = (source: AgentStatus['source'], activity: AgentStatus['activity'], atMs: number): AgentStatus =>
	statusOf({activity, source, confidence: 1, evidence: 'seen', atMs});

describe('which status holds', () => {
	test('is one of the two, whole but for the time it began', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				const {sinceMs, ...held} = statusAfter(current, next, nowMs);
				const wholes = [current, next].map(({sinceMs: _, ...rest}) => rest);
				expect(wholes).toContainEqual(held);
				expect(sinceMs).toBeLessThanOrEqual(held.seenMs);
			}),
		);
	});

	test('the same or a stronger source always replaces', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				fc.pre(rank(next) <= rank(current));
				expect(statusAfter(current, next, nowMs)).toMatchObject({source: next.source, activity: next.activity, seenMs: next.seenMs});
			}),
		);
	});

	test('a weaker source never replaces a fresh one', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				fc.pre(rank(next) > rank(current) && nowMs - current.seenMs <= statusLifetimeMs[current.source]);
				expect(statusAfter(current, next, nowMs)).toBe(current);
			}),
		);
	});

	test('a weaker source is heard once a stronger one has been silent for its lifetime', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				fc.pre(rank(next) > rank(current) && next.source !== 'guess' && nowMs - current.seenMs > statusLifetimeMs[current.source]);
				expect(statusAfter(current, next, nowMs).source).toBe(next.source);
			}),
		);
	});

	test('time since is kept exactly when the activity stays', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				const held = statusAfter(current, next, nowMs);
				fc.pre(held !== current);
				expect(held.sinceMs).toBe(next.activity === current.activity ? Math.min(current.sinceMs, next.sinceMs) : next.sinceMs);
			}),
		);
	});

	test('a guess displaces work, and nothing that waits or has ended', () => {
		const late = 10 * statusLifetimeMs.osc;
		for (const activity of activities) {
			const held = statusAfter(at('osc', activity, 0), at('guess', 'idle', late), late);
			expect([activity, held.source]).toEqual([activity, activity === 'working' || activity === 'starting' ? 'guess' : 'osc']);
		}
	});

	test('an exited process is believed at once, and nothing but a new process after it', () => {
		fc.assert(
			fc.property(story, ([current, next, nowMs]) => {
				const exited = at('process', 'exited', current.seenMs);
				expect(statusAfter(current, exited, nowMs).activity).toBe('exited');
				expect(statusAfter(exited, next, nowMs).source).toBe('process');
			}),
		);
	});
});

describe('records', () => {
	const records = (statuses: readonly AgentStatus[]) => statuses.reduce<StatusRecords>(withRecord, {});

	test('the strongest fresh source holds, in whatever order they spoke', () => {
		fc.assert(
			fc.property(fc.array(living(fc.constant(1000)), {minLength: 1, maxLength: 12}), statuses => {
				const strongest = Math.min(...statuses.map(rank));
				expect(statusSources.indexOf(heldStatus(records(statuses), 1000)!.source)).toBe(strongest);
			}),
		);
	});

	test('what a source takes back leaves the next one', () => {
		const both = records([at('screen', 'blocked', 10), at('osc', 'working', 20)]);
		expect(heldStatus(both, 20)).toMatchObject({activity: 'working', source: 'osc'});
		expect(heldStatus(withoutRecords(both, 'osc'), 20)).toMatchObject({activity: 'blocked', source: 'screen'});
		expect(heldStatus(withoutRecords(both, 'osc', 'screen'), 20)).toBeUndefined();
	});

	test('a silent source gives way to a later word, not to an earlier one', () => {
		const late = statusLifetimeMs.osc + 100;
		expect(heldStatus(records([at('osc', 'working', 50), at('title', 'idle', late)]), late)).toMatchObject({source: 'title'});
		expect(heldStatus(records([at('osc', 'working', 50), at('title', 'idle', 40)]), late + 50)).toMatchObject({source: 'osc'});
	});
});

describe('words', () => {
	test('a guess tells output from silence', () => {
		expect(guessedStatus({lastOutputAtMs: 1000, nowMs: 1000 + guessedWorkingMs - 1})).toMatchObject({activity: 'working', source: 'guess'});
		expect(guessedStatus({lastOutputAtMs: 1000, nowMs: 1000 + guessedWorkingMs})).toMatchObject({activity: 'idle', sinceMs: 1000});
	});

	test('an explanation names activity, source, age, confidence and evidence', () => {
		const status: AgentStatus = {...at('osc', 'blocked', 60_000), kind: 'permission', confidence: 0.9, evidence: 'approve Bash: touch x'};
		expect(explainStatus(status, 67_000)).toEqual([
			'The agent is blocked: it waits for a permission, for 7s.',
			'Source: a status report in its output (OSC 7501), last heard 7s ago.',
			'Confidence: 90 %.',
			'Seen: approve Bash: touch x.',
		]);
		expect(explainStatus(status, 60_001 + statusLifetimeMs.osc).at(-1)).toBe(
			'It has been silent for longer than 2m: a title or any source after it would be believed instead.',
		);
	});
});
