import {isInside, normalPath} from './path-inside.js';
import type {PlanPart} from './plan-parts.js';
import type {RiskLevel} from './risk.js';
import {programName} from './unwrap-command.js';

/** What a rule of a policy speaks of: commands by their program and arguments, where they run, and how grave they may be. */
export type PolicyRule = {
	/** What the ledger calls it; else its place in the list. */
	readonly name?: string;
	/** A bare name (`npm`) or an absolute path. Any program when absent. */
	readonly executable?: string;
	/** The arguments after the program: exactly these, or beginning with these. Any when both are absent. */
	readonly argv?: readonly string[];
	readonly argvPrefix?: readonly string[];
	/** Only in this folder or below it. */
	readonly cwdInside?: string;
	/** How grave the whole command may be that it is a part of, for what is allowed; `medium` when absent. A high risk is never allowed by a rule. */
	readonly riskAtMost?: Exclude<RiskLevel, 'high'>;
};

const startsWith = (args: readonly string[], prefix: readonly string[]): boolean => prefix.every((item, at) => args[at] === item);

const areArguments = ({argv, argvPrefix}: PolicyRule, args: readonly string[]): boolean =>
	(argv === undefined || (argv.length === args.length && startsWith(args, argv))) &&
	(argvPrefix === undefined || startsWith(args, argvPrefix));

const isThere = ({cwdInside}: PolicyRule, cwd: string): boolean =>
	cwdInside === undefined || isInside(normalPath(cwd), {cwd: '/', folder: cwdInside});

const levels: readonly RiskLevel[] = ['low', 'medium', 'high'];

/** Whether a rule allows one part of a request: by the file that would really run, with links followed. */
export const allowsPart = (rule: PolicyRule, part: PlanPart, {cwd, risk}: {readonly cwd: string; readonly risk: RiskLevel}): boolean => {
	const {executable, riskAtMost = 'medium'} = rule;
	const isProgram = executable === undefined || (executable.includes('/') ? part.executable === executable : part.word === executable);
	return (
		isProgram &&
		risk !== 'high' &&
		levels.indexOf(risk) <= levels.indexOf(riskAtMost) &&
		areArguments(rule, part.args) &&
		isThere(rule, cwd)
	);
};

/** Whether a rule forbids a command line: by any name its program goes by, so that no spelling slips past. */
export const forbids = (
	rule: PolicyRule,
	argv: readonly string[],
	{cwd, executable}: {readonly cwd: string; readonly executable: string | undefined},
): boolean => {
	const [program = '', ...args] = argv;
	const names = [program, programName(program), ...(executable === undefined ? [] : [executable, programName(executable)])];
	const isProgram = rule.executable === undefined || names.includes(rule.executable);
	return isProgram && areArguments(rule, args) && isThere(rule, cwd);
};
