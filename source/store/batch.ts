import {encodeRecord, type Position} from './record.js';

const batchCharacters = 4 << 20;

/** Somebody who waits until something is durable. */
export type Waiter<Result> = {readonly resolve: (result: Result) => void; readonly reject: (error: Error) => void};

/** Facts on their way into the journal as one record: their JSON, taken when they were appended, and how many they are. */
export type WaitingFacts = Waiter<number> & {readonly json: string; readonly count: number};

/** The oldest waiting facts, as many as make a batch of bearable size, at least one. They stay in the queue. */
export const nextBatch = (waiting: readonly WaitingFacts[]): readonly WaitingFacts[] => {
	let characters = 0;
	const end = waiting.findIndex(({json}) => {
		characters += json.length;
		return characters > batchCharacters;
	});
	return end === -1 ? [...waiting] : waiting.slice(0, Math.max(end, 1));
};

/** The lines of a batch that follows `after`, and where they end. */
export const encodeBatch = (batch: readonly WaitingFacts[], after: Position): {readonly bytes: Buffer; readonly position: Position} => {
	let position = after;
	const lines = batch.map(({json}, index) => {
		const record = encodeRecord({after: position, factsJson: json, durableSeq: index === 0 ? after.seq : undefined});
		position = record.position;
		return record.line;
	});
	return {bytes: Buffer.from(lines.join('')), position};
};
