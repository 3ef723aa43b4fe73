import {commandFindings, type Finding, type Place, type RiskKind, riskKinds, variableFindings} from './command-risk.js';
import type {Escalation, EscalationPayload} from './escalation.js';
import {isInside} from './path-inside.js';
import {unwrapCommand} from './unwrap-command.js';

export type RiskLevel = 'low' | 'medium' | 'high';

/** How grave a request is, by facts about what would be done; nothing the agent says about it counts. */
export type Risk = {
	readonly kind: RiskKind;
	readonly level: RiskLevel;
	/** One word; also what must be typed to approve a high risk. */
	readonly word: string;
	/** Says the level without colour. */
	readonly symbol: string;
	/** The fact that makes it so. May hold text of the agent: show it through `visible`. */
	readonly because: string;
};

const looks: Readonly<Record<RiskKind, {readonly level: RiskLevel; readonly word: string}>> = {
	read: {level: 'low', word: 'reads'},
	write: {level: 'medium', word: 'writes'},
	network: {level: 'medium', word: 'network'},
	outside: {level: 'high', word: 'outside'},
	send: {level: 'high', word: 'sends'},
	unknown: {level: 'high', word: 'unknown'},
	destructive: {level: 'high', word: 'destructive'},
	privileged: {level: 'high', word: 'privileged'},
};

const symbols: Readonly<Record<RiskLevel, string>> = {low: '○', medium: '◐', high: '●'};

const unknown = (because: string): Finding => ({kind: 'unknown', because});

const gravity = (finding: Finding): number => riskKinds.indexOf(finding.kind);

const worstOf = (findings: readonly Finding[]): Finding =>
	findings.reduce(
		(worst, finding) => (gravity(finding) > gravity(worst) ? finding : worst),
		findings[0] ?? unknown('nothing is known about it'),
	);

const argvFindings = (argv: readonly string[], place: Place): readonly Finding[] => {
	const {commands, hidden, privileged} = unwrapCommand(argv);
	return [
		...commands.flatMap(command => commandFindings(command, place)),
		...hidden.map(unknown),
		...privileged.map(because => ({kind: 'privileged', because}) as const),
	];
};

const readTools = new Set(['Read', 'Grep', 'Glob', 'LS', 'NotebookRead']);
const writeTools = new Set(['Edit', 'Write', 'MultiEdit', 'NotebookEdit']);
const networkTools = new Set(['WebFetch', 'WebSearch']);

const pathOfTool = ({extra}: EscalationPayload): string | undefined => {
	if (extra === null || typeof extra !== 'object' || Array.isArray(extra)) {
		return undefined;
	}

	const {file_path: filePath, notebook_path: notebookPath, path} = extra as Readonly<Record<string, unknown>>;
	return [filePath, notebookPath, path].find(value => typeof value === 'string');
};

/** A tool that is not a command: known by its name alone, and by the one path it names. */
const toolFindings = (payload: EscalationPayload, place: Place): readonly Finding[] => {
	const {tool} = payload;
	if (tool === undefined) {
		return [unknown(payload.diff === undefined ? 'it does not say what would be done' : 'it does not say which files would change')];
	}

	if (networkTools.has(tool)) {
		return [{kind: 'network', because: `${tool} reaches the network`}];
	}

	const kind = readTools.has(tool) ? 'read' : writeTools.has(tool) ? 'write' : undefined;
	if (!kind) {
		return [unknown(`nothing is known about the tool ${tool}`)];
	}

	const path = pathOfTool(payload);
	if (path === undefined) {
		return kind === 'read' ? [{kind, because: `${tool} reads`}] : [unknown(`${tool} does not say which file`)];
	}

	return isInside(path, place)
		? [{kind, because: `${tool} ${kind}s`}]
		: [{kind: 'outside', because: `${tool} names ${path}, outside the folder of the session`}];
};

const payloadFindings = (payload: EscalationPayload | undefined, folder: string): readonly Finding[] => {
	if (!payload) {
		return [unknown('it does not say what would be done')];
	}

	const place = {cwd: payload.cwd ?? folder, folder};
	const isElsewhere = !isInside(place.cwd, {cwd: folder, folder});
	return [
		...(payload.argv && payload.argv.length > 0 ? argvFindings(payload.argv, place) : toolFindings(payload, place)),
		...variableFindings(Object.keys(payload.env ?? {})),
		...(isElsewhere ? [{kind: 'outside', because: `it runs in ${place.cwd}, outside the folder of the session`} as const] : []),
	];
};

/** Payloads never change, and a list of requests is drawn often: what was found about one is kept as long as it lives. */
const known = new WeakMap<EscalationPayload, {readonly folder: string; readonly worst: Finding}>();

const worstOfPayload = (payload: EscalationPayload | undefined, folder: string): Finding => {
	const kept = payload && known.get(payload);
	if (kept?.folder === folder) {
		return kept.worst;
	}

	const worst = worstOf(payloadFindings(payload, folder));
	if (payload) {
		known.set(payload, {folder, worst});
	}

	return worst;
};

/** Whether there is something to do that could be graded: a question and a notice only want words. */
const isGraded = ({kind, payload}: Pick<Escalation, 'kind' | 'payload'>): boolean =>
	kind === 'approval' || kind === 'permission' || (kind !== 'question' && payload !== undefined);

/** The risk of letting a request happen; `folder` is the session's. `undefined` for a request that only wants words. */
export const riskOf = (escalation: Pick<Escalation, 'kind' | 'payload'>, folder: string): Risk | undefined => {
	if (!isGraded(escalation)) {
		return undefined;
	}

	const {kind, because} = worstOfPayload(escalation.payload, folder);
	const {level, word} = looks[kind];
	return {kind, level, word, symbol: symbols[level], because};
};

/** The word to type before this is approved; `undefined` where the key alone is enough. */
export const confirmWordOf = (risk: Risk | undefined): string | undefined => (risk?.level === 'high' ? risk.word : undefined);
