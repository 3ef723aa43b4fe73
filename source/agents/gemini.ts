import type {AgentAdapter} from '../agent-adapter.js';
import {profileProgram} from './profile-program.js';

/**
 * Gemini CLI. It takes no hooks for one run alone: its system settings are read only where root owns them, a private home would hide the
 * operator's login. It has no channel for answers either, so its dialogs are found on its screen and answered by keys.
 */
export const gemini: AgentAdapter = {
	name: 'gemini',
	program: 'gemini',
	title: 'Gemini CLI',
	provider: 'google',
	passedEnv: ['GEMINI_*', 'GOOGLE_*', 'CLOUD_ML_REGION'],
	plan({profile, text, threadId, newUuid}) {
		const {file, extra} = profileProgram(profile, 'gemini');
		const chosen = threadId ?? newUuid();
		return {
			file,
			args: [
				...['--approval-mode', 'default'],
				...(threadId === undefined ? ['--session-id', chosen] : ['--resume', chosen]),
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				...extra,
				...(text === '' ? [] : [`--prompt-interactive=${text}`]),
			],
			env: profile.env ?? {},
			threadId: chosen,
		};
	},
};
