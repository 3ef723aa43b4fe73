import type {Fact} from '../fact.js';
import type {State} from '../state.js';
import {factSentence} from './fact-sentence.js';
import type {FactTone} from './told.js';
import type {View} from './view.js';

/** One thing that happened. The sentence holds text of agents: show it through `visible`. */
export type EventRow = {
	/** The fact's place in the journal: `12.0` is the first of those with sequence number 12. */
	readonly id: string;
	readonly atMs: number;
	readonly sentence: string;
	readonly tone: FactTone;
};

/** A fact and its sequence number, as the orchestrator tells it. */
type Numbered = {readonly seq: number; readonly fact: Fact};

/** The newest facts in sentences, oldest first. */
export const eventRows = (recent: readonly Numbered[], state: State, {filter}: Pick<View, 'filter'>): readonly EventRow[] => {
	const needle = filter.events.trim().toLowerCase();
	const rows: EventRow[] = [];
	let [lastSeq, place] = [-1, 0];
	for (const {seq, fact} of recent) {
		place = seq === lastSeq ? place + 1 : 0;
		lastSeq = seq;
		const {sentence, tone} = factSentence(fact, state);
		if (needle === '' || sentence.toLowerCase().includes(needle)) {
			rows.push({id: `${seq}.${place}`, atMs: fact.atMs, sentence, tone});
		}
	}

	return rows;
};

/** The ids of the rows, in their order. */
export const eventRowIds = (recent: readonly Numbered[], state: State, view: Pick<View, 'filter'>): readonly string[] =>
	eventRows(recent, state, view).map(({id}) => id);
