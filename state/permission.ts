import type {Actor} from './actor.js';
import {actorName} from './actor.js';
import type {Command} from './command.js';
import type {EscalationKind} from './escalation/escalation.js';
import {whyNotDecideAsParent} from './escalation/parent-decision.js';
import {type Refusal, refuse} from './refusal.js';
import type {State} from './state.js';

type Role = Actor['role'];

const operator: readonly Role[] = ['operator', 'system'];
const anyone: readonly Role[] = ['operator', 'system', 'agent'];
const launcher: readonly Role[] = ['launcher', 'system'];

/**
 * Who may send what at all. An agent may raise, spawn below itself and write within its own tree; deciding is the operator's alone,
 * whoever the request came from.
 */
export const maySend: Readonly<Record<Command['type'], readonly Role[]>> = {
	'settings.configure': ['system'],
	'session.create': anyone,
	'session.rename': operator,
	'message.send': anyone,
	'message.type': operator,
	'run.wait': anyone,
	'run.stop-waiting': anyone,
	'run.hold': operator,
	'run.unhold': operator,
	'run.move': operator,
	'run.prioritise': operator,
	'run.force-start': operator,
	'run.rerun': operator,
	'deadletter.retry': operator,
	'deadletter.drop': operator,
	'session.stop': anyone,
	'run.cancel': anyone,
	'fleet.stop': operator,
	'queue.dispatch': ['system'],
	'queue.pause': operator,
	'queue.resume': operator,
	'queue.drain': operator,
	'queue.undrain': operator,
	'attempt.started': launcher,
	'attempt.spawn-failed': launcher,
	'attempt.exited': launcher,
	'attempt.lost': launcher,
	'agent.report': ['agent', 'launcher', 'system'],
	'agent.output': launcher,
	'provider.limit': operator,
	'provider.clear': operator,
	'alert.acknowledge': operator,
	'escalation.raise': anyone,
	'escalation.show': ['operator'],
	// An agent only where a policy lets parents decide for their children.
	'escalation.decide': ['operator', 'agent'],
	'grant.revoke': ['operator'],
	'escalation.deliver': ['system'],
	'escalation.withdraw': anyone,
	'escalation.asker': ['system'],
	'breaker.trip': operator,
	'breaker.reset': operator,
	'breaker.hold': operator,
	'launcher.join': launcher,
	'launcher.change': launcher,
	'launcher.heartbeat': launcher,
	'result.push': ['system'],
	'result.deliver': ['system'],
	'result.take': ['system'],
	'clock.tick': ['system'],
};

const sessionOfRun = (state: State, runId: string) => state.sessions[state.runs[runId]?.sessionId ?? ''];

/** What agents ask. The other kinds are what the rules ask by themselves: a person must be able to tell them apart. */
const agentKinds: ReadonlySet<EscalationKind> = new Set(['approval', 'permission', 'question', 'notice']);

/** Whether a session lies somewhere below another. */
export const isBelow = (state: State, sessionId: string, ancestorId: string): boolean => {
	let at = state.sessions[sessionId]?.parentId;
	while (at !== undefined && at !== ancestorId) {
		at = state.sessions[at]?.parentId;
	}

	return at === ancestorId;
};

/** The runs that a command would make something wait for. */
const awaitedBy = (command: Command): readonly string[] => {
	switch (command.type) {
		case 'run.wait': {
			return command.awaits.runIds;
		}

		case 'session.create':
		case 'message.send': {
			return command.dependsOn ?? [];
		}

		default: {
			return [];
		}
	}
};

/**
 * Why an agent may not have a child of that kind. An agent that is asked before it runs a command must not get it run by a shell that
 * nobody asks; what runs any command by itself may start anything.
 */
const whyNotSpawn = (state: State, parent: string, child: string): Refusal | undefined => {
	const profile = state.agents[parent];
	const allowed = profile?.maySpawn ?? (profile?.adapter === 'shell' || profile?.adapter === 'command' ? ['*'] : [parent]);
	return allowed.includes('*') || allowed.includes(child)
		? undefined
		: refuse(
				'FORBIDDEN',
				`${parent} may spawn ${allowed.join(', ') || 'nothing'}, not ${child}: "maySpawn" in its configuration says what.`,
			);
};

/** Why an agent, whose role allows the kind of command, may not send this very one: it reaches beyond its own run or tree. */
const whyNotAgent = (state: State, command: Command, runId: string): Refusal | undefined => {
	const own = sessionOfRun(state, runId);
	if (!own) {
		return refuse('FORBIDDEN', `The token names run ${runId}, which does not exist.`);
	}

	const beyond = (what: string) => refuse('FORBIDDEN', `An agent may ${what}; run ${runId} tried more.`);
	if (awaitedBy(command).some(id => sessionOfRun(state, id)?.rootId !== own.rootId)) {
		return beyond('only wait for runs of its own tree');
	}

	switch (command.type) {
		case 'session.create': {
			return command.parentRunId === runId ? whyNotSpawn(state, own.agent, command.agent) : beyond('only spawn children of its own run');
		}

		case 'escalation.raise': {
			return command.runId === runId && agentKinds.has(command.kind)
				? undefined
				: beyond(`only raise requests of its own run, of the kinds ${[...agentKinds].join(', ')}`);
		}

		case 'run.wait':
		case 'run.stop-waiting':
		case 'agent.report': {
			return command.runId === runId ? undefined : beyond('only speak of its own run');
		}

		case 'escalation.decide': {
			return whyNotDecideAsParent(state, command, own);
		}

		case 'escalation.withdraw': {
			const escalation = state.escalations[command.escalationId];
			const isOwn = escalation?.runId === runId && escalation.kind !== 'budget' && escalation.kind !== 'stuck';
			return isOwn ? undefined : beyond('only withdraw what it asked itself');
		}

		case 'message.send': {
			if (state.sessions[command.sessionId]?.rootId !== own.rootId) {
				return beyond('only write within its own tree');
			}

			const isQueued = command.mode === undefined || command.mode === 'queue';
			return isQueued || isBelow(state, command.sessionId, own.id) ? undefined : beyond('only steer or interrupt sessions below its own');
		}

		case 'session.stop': {
			return isBelow(state, command.sessionId, own.id) ? undefined : beyond('only stop sessions below its own');
		}

		case 'run.cancel': {
			return isBelow(state, state.runs[command.runId]?.sessionId ?? '', own.id) ? undefined : beyond('only cancel runs below its own');
		}

		default: {
			return undefined;
		}
	}
};

/** Why a launcher may not report this: the attempt is on another one. What is not known here is refused by its own rule. */
const whyNotLauncher = (state: State, command: Command, launcherId: string): Refusal | undefined => {
	if (!('generation' in command)) {
		return undefined;
	}

	const attempt = state.runs[command.runId]?.attempts.find(({generation}) => generation === command.generation);
	return attempt === undefined || attempt.launcherId === launcherId
		? undefined
		: refuse('FORBIDDEN', `Launcher ${launcherId} may only tell what runs on itself; ${command.runId} is on ${attempt.launcherId}.`);
};

/** Why this actor may not send this command; `undefined` when it may. */
export const whyNotPermitted = (state: State, command: Command, actor: Actor): Refusal | undefined => {
	if (!maySend[command.type].includes(actor.role)) {
		return refuse('FORBIDDEN', `${actorName(actor)} may not send ${command.type}: only ${maySend[command.type].join(' or ')} may.`);
	}

	switch (actor.role) {
		case 'agent': {
			return whyNotAgent(state, command, actor.runId);
		}

		case 'launcher': {
			return whyNotLauncher(state, command, actor.launcherId);
		}

		default: {
			return undefined;
		}
	}
};
