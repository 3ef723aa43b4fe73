import {existsSync} from 'node:fs';
import type {AgentAdapter, LaunchContext} from '../agent-adapter.js';
import {hosted, serverAbsentFile} from '../host-plan.js';
import {socketPath} from '../paths.js';
import {openCodexChannel} from './codex-channel.js';

/** Options that the server must know too, since it reads the configuration; all others are the terminal's. */
const sharedOptions = new Set(['-c', '--config', '--enable', '--disable']);

/** Those of the arguments that configure the server: pairs of an option and its value, or both in one. */
const serverArguments = (args: readonly string[]): readonly string[] =>
	args.flatMap((argument, place) => {
		const [name = ''] = argument.split('=');
		const value = args[place + 1];
		if (sharedOptions.has(argument)) {
			return value === undefined ? [] : [argument, value];
		}

		const isInOne = argument.startsWith('--') && argument.includes('=') && sharedOptions.has(name);
		return isInOne ? [argument] : [];
	});

/** Options about permissions, which a resumed thread takes from the server alone, and the settings they stand for. */
const permissionSettings: Readonly<Record<string, string>> = {
	'-a': 'approval_policy',
	'--ask-for-approval': 'approval_policy',
	'-s': 'sandbox_mode',
	'--sandbox': 'sandbox_mode',
};

/** The arguments without those about permissions, and these as settings. */
const splitPermissions = (args: readonly string[]): {readonly others: readonly string[]; readonly settings: readonly string[]} => {
	const others: string[] = [];
	const settings: string[] = [];
	for (let place = 0; place < args.length; place += 1) {
		const argument = args[place]!;
		const setting = Object.hasOwn(permissionSettings, argument) ? permissionSettings[argument] : undefined;
		const value = args[place + 1];
		if (setting !== undefined && value !== undefined) {
			settings.push('-c', `${setting}="${value}"`);
			place += 1;
		} else {
			others.push(argument);
		}
	}

	return {others, settings};
};

/** The operator's own arguments: of `args`, and of `argv` behind the program. Later ones win, so ours come first. */
const argumentsOf = ({profile: {argv, args, model}}: LaunchContext): readonly string[] => [
	'-a',
	'on-request',
	...(argv?.slice(1) ?? []),
	...(args ?? []),
	...(model === undefined ? [] : ['-m', model]),
];

/** Where the app-server of an attempt listens. */
export const codexSocket = (folder: string): string => socketPath(folder, 'codex.sock');

/**
 * Codex: its terminal screen is a client of an app-server of its own, and so are we. Both hold every request; the first answer wins.
 * Where that server cannot be started (it needs `codex app-server --listen unix://`, seen in 0.169.0), the screen alone asks.
 *
 * `--profile` is the screen's: model and settings of a profile reach the server, but model providers must stand in `config.toml` itself.
 */
export const codex: AgentAdapter = {
	name: 'codex',
	program: 'codex',
	title: 'Codex',
	provider: 'openai',
	passedEnv: ['OPENAI_*', 'CODEX_*'],
	provesAcceptance: true,
	plan(context) {
		const {profile, text, threadId, folder} = context;
		const program = profile.argv?.[0] ?? 'codex';
		const socket = codexSocket(folder);
		const own = argumentsOf(context);
		const {others, settings} = splitPermissions(own);
		const isResumed = threadId !== undefined;
		const screen = isResumed ? ['resume', ...others] : own;
		// Behind `--`, so that no prompt can be an option.
		const words = [...(isResumed ? [threadId] : []), ...(text === '' ? [] : [text])];
		const tail = words.length === 0 ? [] : ['--', ...words];
		return {
			...hosted(folder, {
				argv: [program, ...screen, '--remote', `unix://${socket}`, ...tail],
				server: {
					argv: [program, ...settings, ...serverArguments(others), 'app-server', '--listen', `unix://${socket}`],
					socket,
					log: 'codex-server.log',
					fallback: [program, ...(isResumed ? ['resume'] : []), ...own, ...tail],
				},
			}),
			env: profile.env ?? {},
		};
	},
	openChannel: ({folder, threadId, emit, log}) =>
		openCodexChannel({
			socketPath: codexSocket(folder),
			isAbsent: () => existsSync(`${folder}/${serverAbsentFile}`),
			emit,
			log,
			...(threadId !== undefined && {threadId}),
		}),
};
