import type {AgentAdapter} from '../agent-adapter.js';
import {hosted} from '../host-plan.js';
import {openOpencodeChannel} from './opencode-channel.js';

/** Where the host writes the port, and the plan the password and the prompt of a resumed conversation, in the attempt's folder. */
export const opencodeFiles = {port: 'opencode.port', password: 'opencode.password', prompt: 'opencode.prompt'} as const;

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
		// Beside --session its screen takes no prompt (seen in 1.18.33): the channel gives it to the server.
		const isGivenLater = threadId !== undefined && text !== '';
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
				...(text === '' || isGivenLater ? [] : [`--prompt=${text}`]),
			],
			portFile: opencodeFiles.port,
		});
		return {
			...host,
			files: {...host.files, [opencodeFiles.password]: password, ...(isGivenLater && {[opencodeFiles.prompt]: text})},
			env: {...profile.env, OPENCODE_SERVER_PASSWORD: password},
		};
	},
	openChannel: ({folder, cwd, threadId, emit, log}) =>
		openOpencodeChannel({
			portFile: `${folder}/${opencodeFiles.port}`,
			passwordFile: `${folder}/${opencodeFiles.password}`,
			promptFile: `${folder}/${opencodeFiles.prompt}`,
			cwd,
			emit,
			log,
			...(threadId !== undefined && {threadId}),
		}),
};
