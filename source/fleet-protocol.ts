import type {Command} from '../state/command.js';
import type {Json} from '../state/json.js';
import type {Refusal} from '../state/refusal.js';
import type {SavedState} from '../state/state.js';
import type {Recorded} from './store-port.js';

/** Raised whenever a console and a coordinator of two versions would not understand each other. */
export const fleetProtocol = 1;

/** What a coordinator tells a console that is connected to it, as JSON texts, in order. */
export type FleetMessage =
	/** The first one: everything as of now. `nowMs` is the coordinator's clock. */
	| {
			readonly type: 'hello';
			readonly protocol: number;
			readonly seq: number;
			readonly saved: SavedState;
			readonly recent: readonly Recorded[];
			readonly failure: string | null;
			readonly nowMs: number;
	  }
	/** What became true, before the answer to the command that made it so. Empty when only `failure` changed. */
	| {readonly type: 'facts'; readonly facts: readonly Recorded[]; readonly failure: string | null}
	| ({readonly type: 'answer'; readonly id: number} & (
			| {readonly refused: Refusal}
			| {readonly facts: readonly Recorded[]; readonly answer: Json}
			/** The store failed under it. */
			| {readonly error: string}
	  ));

/** What a console asks. `id` names the answer. */
export type FleetRequest = {
	readonly type: 'command';
	readonly id: number;
	readonly command: Command;
	readonly idempotencyKey?: string;
};
