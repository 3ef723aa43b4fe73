import {z} from 'zod';
import type {Policy} from '../state/escalation/policy.js';
import {ExpectedError, exitCodes} from './errors.js';

const text = z.string().min(1).max(4096);
const texts = z.array(z.string().max(4096)).max(256);
const absolute = z.string().regex(/^\//, 'must be an absolute path').max(4096);

const rule = z
	.strictObject({
		name: text.optional(),
		executable: text.refine(value => !value.includes('/') || value.startsWith('/'), 'must be a bare name or an absolute path').optional(),
		argv: texts.optional(),
		argvPrefix: texts.optional(),
		cwdInside: absolute.optional(),
		riskAtMost: z.enum(['low', 'medium']).optional(),
	})
	.refine(({argv, argvPrefix}) => argv === undefined || argvPrefix === undefined, 'has both argv and argvPrefix: give one of them')
	.refine(
		({executable, argv, argvPrefix}) => executable !== undefined || (argv === undefined && argvPrefix === undefined),
		'has arguments but no executable',
	);

const forbidden = rule.refine(
	({executable, cwdInside, riskAtMost}) => (executable !== undefined || cwdInside !== undefined) && riskAtMost === undefined,
	'must say which executable or folder it forbids (riskAtMost has no place here)',
);

const allowed = rule.refine(
	({executable, riskAtMost}) => executable !== undefined || riskAtMost === 'low',
	'allows any program: name an executable, or allow only "riskAtMost": "low"',
);

const policy = z
	.strictObject({
		name: z.string().regex(/^[a-z0-9][\w.-]{0,31}$/i, 'must be up to 32 letters, digits, dots, dashes and underscores'),
		mode: z.enum(['deny', 'allowlist', 'ask', 'full']),
		allow: z.array(allowed).max(1000).optional(),
		deny: z.array(forbidden).max(1000).optional(),
		agents: texts.optional(),
		trees: texts.optional(),
		mayDecideChildren: z.array(allowed).max(1000).optional(),
		iUnderstand: z.literal(true).optional(),
	})
	.refine(({mode, allow}) => mode === 'allowlist' || allow === undefined, 'has "allow" rules, which only the mode "allowlist" follows')
	.refine(({mode, allow}) => mode !== 'allowlist' || (allow !== undefined && allow.length > 0), 'is an allowlist without "allow" rules')
	.refine(
		({mode, iUnderstand}) => (mode === 'full') === (iUnderstand === true),
		'allows everything without asking: the mode "full", and only that, needs "iUnderstand": true beside it',
	);

const policies = z
	.array(policy)
	.max(100)
	.refine(list => new Set(list.map(({name}) => name)).size === list.length, 'have two of the same name');

/** Where in the file, as people write it: `policies[0].allow[1].executable`. */
const placeOf = (path: readonly PropertyKey[]): string =>
	path.reduce<string>((place, step) => (typeof step === 'number' ? `${place}[${step}]` : `${place}.${String(step)}`), 'policies');

/**
 * The policies of a configuration (its key `policies`), checked. Throws an `ExpectedError` (exit code of a wrong configuration) whose
 * sentence names the file and the place in it.
 */
export const readPolicies = (file: string, value: unknown): readonly Policy[] => {
	const read = policies.safeParse(value ?? []);
	if (read.success) {
		return read.data as readonly Policy[];
	}

	const [issue] = read.error.issues;
	const what = issue?.message.replace(/\.$/, '') ?? 'cannot be read';
	throw new ExpectedError(`The configuration ${file} has a policy that is not right: ${placeOf(issue?.path ?? [])}: ${what}.`, {
		hint: 'agent-tui policy check FILE says what is wrong with a policy file before it is used.',
		exitCode: exitCodes.config,
	});
};
