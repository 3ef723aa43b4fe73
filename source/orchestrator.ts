import type {Actor} from '../state/actor.js';
import {applyAll} from '../state/apply.js';
import type {Command} from '../state/command.js';
import {decide, whyNot} from '../state/decide.js';
import type {Outcome} from '../state/decision-context.js';
import {canonicalJson} from '../state/escalation/fingerprint.js';
import {type Idempotency, keptAnswer, whyNotIdempotent} from '../state/idempotency.js';
import type {Json} from '../state/json.js';
import {type Refusal, refuse} from '../state/refusal.js';
import {createState, type State, savedState} from '../state/state.js';
import type {Clock} from './clock.js';
import {sha256} from './digest.js';
import {createPublisher, type FactListener} from './publisher.js';
import type {FactStore, Recorded} from './store-port.js';
import {createUnkeptFacts} from './unkept-facts.js';

export type Sender = {readonly actor: Actor; readonly idempotencyKey?: string | undefined};

/** Either an expected no, or what became true (nothing, for a repeated request) and the answer for the sender. */
export type Sent = {readonly refused: Refusal} | {readonly refused?: undefined; readonly facts: readonly Recorded[]; readonly answer: Json};

/** The one thing that changes. Everything else asks it (`send`), reads it (`getState`) or watches it (`subscribe`). */
export type Orchestrator = {
	/** State as of the last durable fact. Read it, never keep a reference into it. */
	getState(): State;
	/** Hears every durable fact once, in order, in batches. A listener must not throw. */
	subscribe(listener: FactListener): () => void;
	/** The newest facts, oldest first, for those who join late; a bounded number. */
	recent(): readonly Recorded[];
	/** Asks. Resolves once all that became true is durable. Rejects only when the store fails under it. */
	send(command: Command, sender: Sender): Promise<Sent>;
	/** Set while nothing can be made durable: only denials and stops are taken then, and they are not kept. */
	readonly failure: Error | undefined;
	now(): number;
};

/** Commands that make the fleet safer: they work without a disk, because losing them leaves nothing allowed. */
const isSafeWithoutStore = (command: Command): boolean =>
	command.type === 'session.stop' ||
	command.type === 'run.cancel' ||
	command.type === 'fleet.stop' ||
	(command.type === 'escalation.decide' && command.choice === 'deny');

const cannotKeep = ({message}: Error): Refusal =>
	refuse('STORE_FAILED', `Nothing can be kept now: ${message} Only denying and stopping work.`);

const principalOf = (actor: Actor): string => (actor.role === 'agent' ? `agent:${actor.runId}` : actor.role);

/** What makes a request the same request: what was asked, not what we found out about it meanwhile. */
const asked = (command: Command): Json => {
	const {found: _, ...rest} = command as Command & {readonly found?: unknown};
	return rest as unknown as Json;
};

const idempotencyOf = (command: Command, {actor, idempotencyKey}: Sender): Idempotency | undefined =>
	idempotencyKey === undefined
		? undefined
		: {key: `${principalOf(actor)}/${idempotencyKey}`, requestHash: sha256(canonicalJson(asked(command)))};

export const createOrchestrator = ({
	store,
	state: durable,
	clock,
	newId,
}: {
	store: FactStore;
	/** State as of the store's last fact; taken over. */
	state: State;
	clock: Clock;
	newId: (prefix: string) => string;
}): Orchestrator & {
	/** Takes in older facts, read from disk after the start, for `recent`. */
	precede(older: readonly Recorded[]): void;
} => {
	// Decisions are made against `working`, which runs ahead by what is on its way to the disk; everybody else sees `durable`.
	let working = createState(structuredClone(savedState(durable)));
	let lastAppend: Promise<unknown> = Promise.resolve();
	const publisher = createPublisher({apply: facts => applyAll(durable, facts)});

	const unkept = createUnkeptFacts({store});
	store.onFailure(failure => {
		working = createState(structuredClone(savedState(durable)));
		if (!failure) {
			unkept.keep();
		}

		publisher.publish([]);
	});

	const keep = async (outcome: Outcome, facts: Outcome['facts']): Promise<Sent> => {
		if (facts.length === 0) {
			// Its answer may rest on facts that are still on their way.
			await lastAppend;
			return {facts: [], answer: outcome.answer};
		}

		applyAll(working, facts);
		const append = store.append(facts);
		lastAppend = append.catch(() => undefined);
		const seq = await append;
		const recorded = facts.map(fact => ({seq, fact}));
		publisher.publish(recorded);
		return {facts: recorded, answer: outcome.answer};
	};

	const withoutStore = (outcome: Outcome): Sent => {
		applyAll(working, outcome.facts);
		unkept.add(outcome.facts);
		const recorded = outcome.facts.map(fact => ({seq: store.seq, fact}));
		publisher.publish(recorded);
		return {facts: recorded, answer: outcome.answer};
	};

	return {
		getState: () => durable,
		subscribe: publisher.subscribe,
		recent: publisher.recent,
		precede: publisher.precede,
		get failure() {
			return store.failure;
		},
		now: clock.now,
		async send(command, sender) {
			const idempotency = idempotencyOf(command, sender);
			const context = {actor: sender.actor, nowMs: clock.now(), newId, random: Math.random};
			const kept = idempotency && keptAnswer(working, idempotency);
			if (kept) {
				await lastAppend;
				// The answer may have been on its way to the disk when that failed; then it was never given.
				return store.failure ? {refused: cannotKeep(store.failure)} : {facts: [], answer: kept.answer};
			}

			const refused = (idempotency && whyNotIdempotent(working, idempotency)) ?? whyNot(working, command, context);
			if (refused) {
				await lastAppend;
				return {refused};
			}

			const outcome = decide(working, command, context);
			if (store.failure) {
				return isSafeWithoutStore(command) ? withoutStore(outcome) : {refused: cannotKeep(store.failure)};
			}

			const keepAnswer = idempotency && ({type: 'answer.kept', ...idempotency, answer: outcome.answer, atMs: context.nowMs} as const);
			return keep(outcome, keepAnswer ? [...outcome.facts, keepAnswer] : outcome.facts);
		},
	};
};
