import type {CommandOf} from '../../state/command.js';
import type {Choice, Escalation, EscalationKind, EscalationPayload, Found} from '../../state/escalation/escalation.js';
import {canonicalPlan} from '../../state/escalation/fingerprint.js';
import type {Policy} from '../../state/escalation/policy.js';
import {unwrapCommand} from '../../state/escalation/unwrap-command.js';
import {defaultLimits} from '../../state/safety/limits.js';
import {agentOf, createStateFleet, type StateFleet, system} from './state-fleet.js';

/** What the coordinator would find for a command on a plain machine: every program in /usr/bin. */
export const foundFor = (argv: readonly string[], cwd = '/work/project'): Found => ({
	cwd,
	executables: Object.fromEntries(
		unwrapCommand(argv).seen.map(([program = '']) => [program, program.startsWith('/') ? program : `/usr/bin/${program}`]),
	),
});

export type AskOptions = {
	readonly kind?: EscalationKind;
	readonly text?: string;
	readonly payload?: EscalationPayload;
	/** `null`: the coordinator could not look. */
	readonly found?: Found | null;
};

/** Raises a request and gives it as State has it then. */
export const askFor = (fleet: StateFleet, runId: string, argv: readonly string[], options: AskOptions = {}): Escalation => {
	const {kind = 'approval', text = 'May I?', payload, found = foundFor(argv)} = options;
	const whole = payload ?? {argv, cwd: '/work/project'};
	const {generation} = fleet.run(runId);
	const fingerprint = canonicalPlan({runId, generation, kind, text, payload: whole});
	const raise: CommandOf<'escalation.raise'> = {
		...{type: 'escalation.raise', runId, kind, text, payload: whole, blocking: true, fingerprint},
		...(found && {found}),
	};
	const {answer} = fleet.ask(raise, agentOf(runId)) as unknown as {answer: {escalation: {id: string}}};
	return fleet.state.escalations[answer.escalation.id]!;
};

type Extra = Partial<Omit<CommandOf<'escalation.decide'>, 'type' | 'escalationId' | 'fingerprint' | 'choice'>>;

/** A decision on exactly this request. */
export const decideOn = ({id, fingerprint}: Escalation, choice: Choice, extra: Extra = {}): CommandOf<'escalation.decide'> => ({
	type: 'escalation.decide',
	escalationId: id,
	fingerprint,
	choice,
	...extra,
});

/** Lets these policies hold; `byProfile` names the one in the profile of the agent `shell`. */
export const applyPolicies = (fleet: StateFleet, policies: readonly Policy[], byProfile?: string): void => {
	const profile = (name: string) => ({name, adapter: 'command', argv: ['true'], description: name});
	const agents = [{...profile('shell'), ...(byProfile !== undefined && {policy: byProfile})}, profile('codex')];
	fleet.send({type: 'settings.configure', agents, limits: {...defaultLimits, openEscalations: 100}, policies}, system);
};

/** A fleet with a running agent in /work/project. */
export const askingFleet = () => {
	const fleet = createStateFleet({limits: {openEscalations: 100}});
	const {run, session} = fleet.start({cwd: '/work/project', label: 'api'});
	return {fleet, run, session};
};
