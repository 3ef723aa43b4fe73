import type {Escalation} from '../state/escalation/escalation.js';
import {canonicalPlan} from '../state/escalation/fingerprint.js';
import type {Fact} from '../state/fact.js';
import {isLive} from '../state/run/run.js';
import type {AgentAdapter} from './agent-adapter.js';
import {sha256} from './digest.js';
import {type Activity, type KeyPress, type LauncherPort, type Prompt, ptyIdOf} from './launcher-port.js';
import type {Log} from './log.js';
import type {Orchestrator} from './orchestrator.js';

export type ScreenPromptsOptions = {
	readonly orchestrator: Orchestrator;
	readonly launcher: LauncherPort;
	/** Every adapter by its name. */
	readonly adapters: ReadonlyMap<string, AgentAdapter>;
	readonly log: Log;
};

/** A prompt that was seen on an attempt's screen, and the escalation it became. */
type Seen = {readonly fingerprint: string; escalationId: string | undefined};

/** Rules for dialogs that stand before an agent's hooks and channels are there at all. */
const earlyRules: ReadonlySet<string> = new Set(['folder trust']);

const system = {actor: {role: 'system'}} as const;

const screenOf = ({payload}: Escalation): {readonly fingerprint: string} | undefined => {
	const extra = payload?.extra;
	const screen = typeof extra === 'object' && extra !== null && 'screen' in extra ? extra.screen : undefined;
	const fingerprint = typeof screen === 'object' && screen !== null && 'fingerprint' in screen ? screen.fingerprint : undefined;
	return typeof fingerprint === 'string' ? {fingerprint} : undefined;
};

const escalationIdOf = (answer: unknown): string => (answer as {readonly escalation: {readonly id: string}}).escalation.id;

const raiseOf = (attempt: {readonly runId: string; readonly generation: number}, {text, fingerprint, rule}: Prompt) => {
	const plan = {...attempt, kind: 'approval', text, payload: {extra: {screen: {fingerprint, rule}}}} as const;
	const {generation: _, ...asked} = plan;
	return {type: 'escalation.raise', ...asked, blocking: true, fingerprint: sha256(canonicalPlan(plan))} as const;
};

/**
 * Makes requests of the prompts on the screens of agents that have no channel for them, or not yet, and answers by keys, which the launcher presses
 * only while that very prompt is on the screen. A prompt that leaves by itself withdraws its request; keys that were not pressed, or after
 * which the prompt stayed, are told to the operator and never count as an answer. Returns how to end that.
 */
export const watchScreenPrompts = ({orchestrator, launcher, adapters, log}: ScreenPromptsOptions): (() => void) => {
	/** By pty. */
	const seen = new Map<string, Seen>();
	/** Prompts that could not be asked, by pty: they are tried again with every word of it, but told once. */
	const refused = new Map<string, string>();
	let inOrder: Promise<unknown> = Promise.resolve();

	const queue = (what: string, work: () => Promise<void>): void => {
		inOrder = inOrder.then(work).catch((error: unknown) => {
			log(`Could not ${what}.`, error);
		});
	};

	const attemptOf = (ptyId: string, {rule}: Prompt) => {
		const {runs, sessions, agents} = orchestrator.getState();
		const run = runs[ptyId.slice(0, ptyId.lastIndexOf('.'))];
		const isCurrent = run !== undefined && isLive(run) && ptyIdOf({runId: run.id, generation: run.generation}) === ptyId;
		const profile = isCurrent ? agents[sessions[run.sessionId]?.agent ?? ''] : undefined;
		const adapter = adapters.get(profile?.adapter ?? '');
		const hasOwnWay = adapter?.hooks !== undefined || adapter?.openChannel !== undefined;
		const asksOnScreen = adapter !== undefined && (!hasOwnWay || earlyRules.has(rule));
		return isCurrent && asksOnScreen ? {runId: run.id, generation: run.generation} : undefined;
	};

	const raise = async (ptyId: string, prompt: Prompt): Promise<void> => {
		const attempt = attemptOf(ptyId, prompt);
		if (!attempt) {
			return;
		}

		const sent = await orchestrator.send(raiseOf(attempt, prompt), {actor: {role: 'agent', runId: attempt.runId}});
		if (sent.refused) {
			if (refused.get(ptyId) !== prompt.fingerprint) {
				log(`The prompt on the screen of ${ptyId} could not be asked: ${sent.refused.sentence}`);
			}

			refused.set(ptyId, prompt.fingerprint);
			return;
		}

		seen.set(ptyId, {fingerprint: prompt.fingerprint, escalationId: escalationIdOf(sent.answer)});
	};

	const leave = async (ptyId: string): Promise<void> => {
		const escalationId = seen.get(ptyId)?.escalationId;
		seen.delete(ptyId);
		if (escalationId !== undefined && orchestrator.getState().escalations[escalationId]?.state === 'open') {
			await orchestrator.send({type: 'escalation.withdraw', escalationId, why: 'the prompt left the agent’s screen'}, system);
		}
	};

	const hearActivity = ({ptyId, prompt}: Activity): void => {
		const before = seen.get(ptyId);
		if (before?.fingerprint === prompt?.fingerprint) {
			return;
		}

		queue(`follow the prompt on the screen of ${ptyId}`, async () => {
			const current = seen.get(ptyId);
			if (current && current.fingerprint !== prompt?.fingerprint) {
				await leave(ptyId);
			}

			if (prompt && current?.fingerprint !== prompt.fingerprint) {
				await raise(ptyId, prompt);
			}
		});
	};

	const press = async (ptyId: string, fingerprint: string, keys: 'approve' | 'deny'): Promise<KeyPress> => {
		try {
			return await launcher.pressKeys(ptyId, {fingerprint, keys});
		} catch (error) {
			return {pressed: false, why: error instanceof Error ? error.message : String(error)};
		}
	};

	/** The answer reached nobody, as far as anybody can tell: said to the operator, and the prompt is asked again while it stands there. */
	const tellUnanswered = async ({id, runId, decision}: Escalation, {pressed, why}: KeyPress): Promise<void> => {
		const what = pressed ? 'was typed, but the prompt was not seen to leave' : 'was not typed';
		const text = `The answer “${decision?.choice ?? ''}” to ${id} ${what}${why === undefined ? '' : `: ${why}`}.`;
		log(text);
		const {generation} = orchestrator.getState().runs[runId]!;
		const plan = {runId, generation, kind: 'notice', text} as const;
		const {generation: _, ...said} = plan;
		await orchestrator.send({type: 'escalation.raise', ...said, blocking: false, fingerprint: sha256(canonicalPlan(plan))}, system);
	};

	const answer = async (escalationId: string): Promise<void> => {
		const escalation = orchestrator.getState().escalations[escalationId];
		const screen = escalation && screenOf(escalation);
		const choice = escalation?.decision?.choice;
		if (!escalation || !screen || choice === undefined || escalation.deliveredAtMs !== undefined) {
			return;
		}

		const ptyId = ptyIdOf(escalation);
		const pressed = await press(ptyId, screen.fingerprint, choice === 'approve' ? 'approve' : 'deny');
		seen.delete(ptyId);
		if (pressed.pressed && pressed.left) {
			await orchestrator.send({type: 'escalation.deliver', escalationId}, system);
		} else {
			await tellUnanswered(escalation, pressed);
		}
	};

	const hearFact = (fact: Fact): void => {
		if (fact.type === 'escalation.decided') {
			queue(`answer ${fact.escalationId} on its screen`, () => answer(fact.escalationId));
		}

		if (fact.type === 'run.ended' || fact.type === 'run.retrying' || fact.type === 'run.dead-lettered') {
			seen.delete(ptyIdOf(fact));
			refused.delete(ptyIdOf(fact));
		}
	};

	const {escalations, index} = orchestrator.getState();
	for (const id of index.openEscalations) {
		const escalation = escalations[id]!;
		const screen = screenOf(escalation);
		if (screen) {
			seen.set(ptyIdOf(escalation), {fingerprint: screen.fingerprint, escalationId: id});
		}
	}

	const unsubscribe = [
		launcher.onActivity(hearActivity),
		orchestrator.subscribe(facts => {
			for (const {fact} of facts) {
				hearFact(fact);
			}
		}),
	];
	return () => {
		for (const end of unsubscribe) {
			end();
		}
	};
};
