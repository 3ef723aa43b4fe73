import type {AgentAdapter} from '../agent-adapter.js';
import {hosted} from '../host-plan.js';
import {openOpencodeChannel} from './opencode-channel.js';

/** Where the host writes the port, and the plan the password, in the attempt's folder. */
export const opencodeFiles = {port: 'opencode.port', password: 'opencode.password'} as const;

/**
 * OpenCode: its screen carries an HTTP server, opened on a free port with a password of this run. Screen and channel hold every request;
 * the first answer wins.
 */
export const opencode: AgentAdapter = {
	name: 'opencode',
	program: 'opencode',
	title: 'OpenCode',
	passedEnv: ['OPENCODE_*', 'ANTHROPIC_*', 'OPENAI_*', 'OPENROUTER_*', 'GEMINI_*', 'GOOGLE_*'],
	provesAcceptance: true,
	plan({profile, text, threadId, folder, newUuid}) {
		const password = newUuid();
		const host = hosted(folder, {
			argv: [
				profile.argv?.[0] ?? 'opencode',
				...(profile.argv?.slice(1) ?? []),
				...(profile.args ?? []),
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				'--port',
				'{port}',
				...(threadId === undefined ? [] : ['--session', threadId]),
				// In one argument, so that no prompt can be an option.
				...(text === '' ? [] : [`--prompt=${text}`]),
			],
			portFile: opencodeFiles.port,
		});
		return {
			...host,
			files: {...host.files, [opencodeFiles.password]: password},
			env: {...profile.env, OPENCODE_SERVER_PASSWORD: password},
		};
	},
	openChannel: ({folder, cwd, threadId, emit, log}) =>
		openOpencodeChannel({
			portFile: `${folder}/${opencodeFiles.port}`,
			passwordFile: `${folder}/${opencodeFiles.password}`,
			cwd,
			emit,
			log,
			...(threadId !== undefined && {threadId}),
		}),
};
