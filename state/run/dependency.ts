import type {Fact} from '../fact.js';
import type {State} from '../state.js';
import {isQueued, type Run} from './run.js';
import {type EndContext, endFacts} from './run-end.js';

/** The queued runs that depend on this one. */
export const dependentsOf = ({index, runs}: State, runId: string): readonly Run[] =>
	index.waits
		.waitersOf(runId)
		.map(id => runs[id]!)
		.filter(run => isQueued(run) && run.dependsOn?.includes(runId));

/**
 * What a bad end is to those who depend on it: each fails with it, and so do those who depend on that one, or it goes on without it.
 * Nobody waits for what cannot come any more.
 */
export const dependentFacts = (
	state: State,
	{id}: Run,
	end: string,
	context: EndContext & {readonly ending: Set<string>},
): readonly Fact[] =>
	dependentsOf(state, id).flatMap(dependent => {
		if (context.ending.has(dependent.id)) {
			return [];
		}

		return dependent.onDependencyFailure === 'release'
			? [{type: 'run.dependency-dropped', runId: dependent.id, dependencyId: id, atMs: context.nowMs} as const]
			: endFacts(state, dependent, {end: 'failed', sentence: `${id}, which it depends on, ended as ${end}`}, context);
	});
