import {matchesGlob} from '../safety/glob.js';
import {pathOf} from '../session/session.js';
import type {State} from '../state.js';
import type {Escalation} from './escalation.js';
import {planParts} from './plan-parts.js';
import {allowsPart, forbids, type PolicyRule} from './policy-rule.js';
import {type Risk, riskOf} from './risk.js';
import {unwrapCommand} from './unwrap-command.js';

/** `deny` refuses everything, `allowlist` lets its rules answer, `ask` leaves all to a person, `full` allows everything. */
export type PolicyMode = 'deny' | 'allowlist' | 'ask' | 'full';

/** Who answers requests before a person is asked, as data. What no policy answers is asked. */
export type Policy = {
	readonly name: string;
	readonly mode: PolicyMode;
	/** Only in an allowlist: every part of a command must be allowed by one of them. */
	readonly allow?: readonly PolicyRule[];
	/** In any mode: one part that is forbidden denies all of it. */
	readonly deny?: readonly PolicyRule[];
	/** Names of agents, with `*` and `?`; and labels of the roots of trees. It applies where all that are given match, or to agents whose profile names it. */
	readonly agents?: readonly string[];
	readonly trees?: readonly string[];
	/** A parent agent may decide for those below it what these rules allow, and may deny anything of theirs. */
	readonly mayDecideChildren?: readonly PolicyRule[];
	/** Stands beside `full`, or it is not taken. */
	readonly iUnderstand?: true;
};

/** Where a request comes from, as far as policies care. */
export type Asker = {
	readonly agent: string;
	/** The policy its profile names. */
	readonly policyName?: string | undefined;
	readonly rootLabel: string;
	/** The folder of its session. */
	readonly folder: string;
	/** The agents above it, from its parent up: what binds them binds it too. */
	readonly above?: ReadonlyArray<Pick<Asker, 'agent' | 'policyName'>>;
};

type Request = Pick<Escalation, 'kind' | 'payload' | 'found'>;

/** What policies say to a request, and which rule of which policy says so. */
export type Verdict =
	| {readonly answer: 'allow' | 'deny'; readonly policy: string; readonly rule: string}
	| {readonly answer: 'ask'; readonly because: string};

const ask = (because: string): Verdict => ({answer: 'ask', because});

const matchesAny = (patterns: readonly string[] | undefined, text: string): boolean =>
	patterns === undefined || patterns.some(pattern => matchesGlob(pattern, text));

/** The policies that speak of an asker. */
export const policiesOf = (policies: readonly Policy[], {agent, policyName, rootLabel}: Asker): readonly Policy[] =>
	policies.filter(({name, agents, trees}) => {
		const isPlaced = agents !== undefined || trees !== undefined;
		return name === policyName || (isPlaced && matchesAny(agents, agent) && matchesAny(trees, rootLabel));
	});

const ruleName = (list: string, {name}: PolicyRule, at: number): string => name ?? `${list} ${at + 1}`;

const denial = (policy: Policy, request: Request, folder: string): Verdict | undefined => {
	if (policy.mode === 'deny') {
		return {answer: 'deny', policy: policy.name, rule: 'deny'};
	}

	const {argv = [], cwd = folder} = request.payload ?? {};
	const executables = request.found?.executables ?? {};
	const {seen} = unwrapCommand(argv);
	const at = (policy.deny ?? []).findIndex(rule =>
		seen.some(line =>
			forbids(rule, line, {
				cwd: request.found?.cwd ?? cwd,
				executable: Object.hasOwn(executables, line[0]!) ? executables[line[0]!] : undefined,
			}),
		),
	);
	return at === -1 ? undefined : {answer: 'deny', policy: policy.name, rule: ruleName('deny', policy.deny![at]!, at)};
};

/** The rules that allow the whole of a request, as the ledger names them; or why they do not. */
export const allowedBy = (
	rules: readonly PolicyRule[],
	request: Request,
	{folder, risk}: {readonly folder: string; readonly risk: Risk},
): {readonly rule: string} | {readonly why: string} => {
	if (risk.level === 'high') {
		return {why: `a high risk is never allowed by a rule (${risk.because})`};
	}

	const plan = planParts(request, folder);
	if (plan.why !== undefined) {
		return {why: plan.why};
	}

	const {cwd} = request.found!;
	const places = plan.parts.map(part => rules.findIndex(rule => allowsPart(rule, part, {cwd, risk: risk.level})));
	return places.includes(-1)
		? {why: 'no rule allows all of it'}
		: {rule: [...new Set(places.map(at => ruleName('allow', rules[at]!, at)))].join(' + ')};
};

const isComplete = ({payload}: Request): boolean => {
	const {argv, tool} = payload ?? {};
	return argv === undefined ? tool !== undefined : argv.length > 0 && argv[0] !== '';
};

/** Strictest first: one that denies wins, then one that asks, then every allowlist must allow it; `full` only decides alone. */
const allowance = (policies: readonly Policy[], request: Request, folder: string): Verdict => {
	const risk = riskOf(request, folder);
	const asking = policies.find(({mode}) => mode === 'ask');
	if (asking || policies.length === 0 || !risk || !isComplete(request)) {
		return ask(asking ? `${asking.name} asks` : policies.length === 0 ? 'no policy applies' : 'it does not say what would be done');
	}

	const lists = policies.filter(({mode}) => mode === 'allowlist');
	const answers = lists.map(({name, allow = []}) => ({name, ...allowedBy(allow, request, {folder, risk})}));
	const refusing = answers.find(answer => 'why' in answer);
	if (refusing && 'why' in refusing) {
		return ask(`${refusing.name}: ${refusing.why}`);
	}

	const [first] = answers;
	return first && 'rule' in first
		? {answer: 'allow', policy: first.name, rule: first.rule}
		: {answer: 'allow', policy: policies[0]!.name, rule: 'full'};
};

const verdictOf = (applying: readonly Policy[], request: Request, folder: string): Verdict =>
	applying.map(policy => denial(policy, request, folder)).find(verdict => verdict !== undefined) ?? allowance(applying, request, folder);

/**
 * What policies say to a request. Those of the agents above bind a child too, but free it from nothing: no agent gets done by another one
 * that it chooses what it may not do itself. Pure: the same for a live request and for one of the ledger.
 */
export const policyVerdict = (policies: readonly Policy[], request: Request, asker: Asker): Verdict => {
	if (request.kind !== 'approval' && request.kind !== 'permission') {
		return ask('only approvals are answered by policies');
	}

	const {above = [], folder} = asker;
	const own = policiesOf(policies, asker);
	const inherited = above.flatMap(({agent, policyName}) => policiesOf(policies, {...asker, agent, policyName}));
	const bound = verdictOf([...new Set([...own, ...inherited])], request, folder);
	const verdict = verdictOf(own, request, folder);
	return verdict.answer === 'allow' || bound.answer === 'deny' ? bound : verdict;
};

/** Where a request comes from. */
export const askerOf = (state: State, sessionId: string): Asker => {
	const session = state.sessions[sessionId];
	const above = session ? pathOf(state, session).toReversed().slice(1) : [];
	return {
		agent: session?.agent ?? '',
		policyName: state.agents[session?.agent ?? '']?.policy,
		...(above.length > 0 && {above: above.map(({agent}) => ({agent, policyName: state.agents[agent]?.policy}))}),
		rootLabel: state.sessions[session?.rootId ?? '']?.label ?? '',
		folder: session?.cwd ?? '/',
	};
};

/** Names of the policies that allow everything: said in the header as long as they stand. */
export const fullPolicies = ({policies}: Pick<State, 'policies'>): readonly string[] =>
	policies.filter(({mode}) => mode === 'full').map(({name}) => name);
