import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {AgentProfile} from '../state/agent/agent-profile.js';
import type {Policy} from '../state/escalation/policy.js';
import {defaultRetry, type RetryPolicy} from '../state/run/retry.js';
import type {Budgets} from '../state/safety/budget.js';
import {defaultLimits, type LimitOverride, type Limits, whyNotLimits} from '../state/safety/limits.js';
import type {QuietHours} from '../state/safety/quiet-hours.js';
import type {AgentAdapter} from './agent-adapter.js';
import type {WrittenAgent, WrittenConfig} from './config-schema.js';
import {ExpectedError, exitCodes, systemErrorCode} from './errors.js';
import {findExecutable} from './find-executable.js';

/** What the user configured, whole and checked. */
export type Config = {
	readonly agents: readonly AgentProfile[];
	readonly limits: Limits;
	readonly limitOverrides: readonly LimitOverride[];
	readonly budgets: Budgets;
	readonly policies: readonly Policy[];
	/** What agents on this machine's launcher can use. */
	readonly launcherTags: readonly string[];
	/** When only what is urgent may disturb; local time. */
	readonly quietHours?: QuietHours;
};

/** Every adapter by its name. */
type Adapters = ReadonlyMap<string, AgentAdapter>;

const shellProfile: AgentProfile = {name: 'shell', adapter: 'shell', description: 'your shell: runs any command line'};

/** What a profile has of its adapter, unless it says otherwise. */
const fromAdapter = ({provider, provesAcceptance}: AgentAdapter): Pick<AgentProfile, 'provider' | 'provesAcceptance'> => ({
	...(provider !== undefined && {provider}),
	...(provesAcceptance && {provesAcceptance}),
});

/** The built-in shell, and every known coding agent that is on the PATH. */
export const foundAgents = (env: NodeJS.ProcessEnv, adapters: Adapters): readonly AgentProfile[] => [
	shellProfile,
	...[...adapters.values()]
		.filter(({program}) => program !== undefined && findExecutable(program, {searchPath: env['PATH'] ?? '', cwd: '/'}) !== undefined)
		.map(adapter => ({name: adapter.name, adapter: adapter.name, description: adapter.title ?? adapter.name, ...fromAdapter(adapter)})),
];

/** Where the user's configuration is looked for. */
export const configFile = (env: NodeJS.ProcessEnv): string => {
	const xdg = env['XDG_CONFIG_HOME'];
	const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(os.homedir(), '.config');
	return env['AGENT_TUI_CONFIG'] ?? path.join(base, 'agent-tui', 'config.json');
};

const wrong = (file: string, what: string): never => {
	throw new ExpectedError(`The configuration ${file} ${what}`, {
		hint: 'Mend or remove the file. The readme shows every setting.',
		exitCode: exitCodes.config,
	});
};

/** The object without what is not set. */
const withoutGaps = <Fields extends object>(fields: Fields) =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[Key in keyof Fields]: Exclude<Fields[Key], undefined>;
	};

const retryOf = (written: WrittenAgent['retry']): RetryPolicy | undefined => {
	if (written === undefined || written === false) {
		return undefined;
	}

	return written === true ? defaultRetry : {...defaultRetry, ...withoutGaps(written)};
};

const adapterOf = (file: string, name: string, written: WrittenAgent, adapters: Adapters): AgentAdapter => {
	const called = written.adapter ?? 'command';
	const adapter = adapters.get(called);
	if (!adapter) {
		return wrong(file, `gives agent ${name} the adapter ${JSON.stringify(called)}: known are ${[...adapters.keys()].join(', ')}.`);
	}

	const needsProgram = adapter.program === undefined && called !== 'shell';
	return needsProgram && written.argv === undefined
		? wrong(file, `gives agent ${name} no "argv": a list of the program and its arguments (or an "adapter" that knows its program).`)
		: adapter;
};

const readAgent = (file: string, name: string, written: WrittenAgent, adapters: Adapters): AgentProfile => {
	const adapter = adapterOf(file, name, written, adapters);
	const {retry, description, ...rest} = written;
	return {
		name,
		...fromAdapter(adapter),
		...withoutGaps({...rest, retry: retryOf(retry)}),
		adapter: adapter.name,
		description: description ?? written.argv?.join(' ') ?? adapter.title ?? adapter.name,
	} as AgentProfile;
};

/** A limit that goes stale before what it guards had its time is told before it can end healthy work. */
const checkLimits = (file: string, {limits, limitOverrides, agents}: Pick<Config, 'limits' | 'limitOverrides' | 'agents'>): void => {
	const why = whyNotLimits(limits);
	if (why !== undefined) {
		wrong(file, `has limits that do not go together. ${why}`);
	}

	for (const override of limitOverrides) {
		const whyNot = whyNotLimits({...limits, ...override.limits});
		if (whyNot !== undefined) {
			wrong(file, `has limits for ${JSON.stringify(override.label)} that do not go together. ${whyNot}`);
		}
	}

	for (const {name, stuckAfterMs} of agents) {
		const whyNot = stuckAfterMs === undefined ? undefined : whyNotLimits({...limits, stuckAfterMs});
		if (whyNot !== undefined) {
			wrong(file, `gives agent ${name} a limit that does not go together with the others. ${whyNot}`);
		}
	}
};

const checkPolicies = (file: string, {agents, policies}: Pick<Config, 'agents' | 'policies'>): void => {
	const unknown = agents.find(({policy}) => policy !== undefined && !policies.some(({name}) => name === policy));
	if (unknown) {
		wrong(file, `gives agent ${unknown.name} the policy ${JSON.stringify(unknown.policy)}, which "policies" does not have.`);
	}
};

const configOf = (
	file: string,
	{policies, ...written}: WrittenConfig & {readonly policies: readonly Policy[]},
	env: NodeJS.ProcessEnv,
	adapters: Adapters,
	usual: Partial<Limits>,
): Config => {
	const configured = Object.entries(written.agents).map(([name, agent]) => readAgent(file, name, agent, adapters));
	const names = new Set(configured.map(({name}) => name));
	const {quietHours} = written;
	const config: Config = {
		agents: [...foundAgents(env, adapters).filter(({name}) => !names.has(name)), ...configured],
		limits: {...defaultLimits, ...usual, ...withoutGaps(written.limits)},
		limitOverrides: written.limitOverrides.map(({label, limits}) => ({label, limits: withoutGaps(limits)})),
		budgets: withoutGaps(written.budgets) as Budgets,
		policies,
		launcherTags: written.launcherTags,
		...(quietHours && {quietHours}),
	};
	checkLimits(file, config);
	checkPolicies(file, config);
	return config;
};

/** The file's text; `undefined` when there is none. */
const textOf = (file: string): string | undefined => {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') {
			return undefined;
		}

		throw new ExpectedError(`Could not read the configuration ${file}.`, {cause: error, exitCode: exitCodes.config});
	}
};

const noConfig = {agents: {}, limits: {}, limitOverrides: [], budgets: {}, launcherTags: [], policies: []};

const parsed = (file: string, text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch (error) {
		return wrong(file, `is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
	}
};

/**
 * What the user configured, on top of what was found. A missing file is no fault; a wrong one is told with its place. Rejects with an
 * `ExpectedError`. `usual` are limits that a program has unless the file says otherwise.
 */
export const readConfig = async (env: NodeJS.ProcessEnv, adapters: Adapters, usual: Partial<Limits> = {}): Promise<Config> => {
	const file = configFile(env);
	const text = textOf(file);
	if (text === undefined) {
		return configOf(file, noConfig, env, adapters, usual);
	}

	// Schemas are loaded for a file alone: without one they would only hold up the first frame.
	const [{configSchema, whatIsWrong}, {readPolicies}] = await Promise.all([import('./config-schema.js'), import('./policy-schema.js')]);
	const written = configSchema.safeParse(parsed(file, text));
	return written.success
		? configOf(file, {...written.data, policies: readPolicies(file, written.data.policies)}, env, adapters, usual)
		: wrong(file, whatIsWrong(written.error));
};
