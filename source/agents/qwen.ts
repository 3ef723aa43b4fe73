import type {AgentAdapter} from '../agent-adapter.js';
import {profileProgram} from './profile-program.js';
import {openQwenChannel, qwenFiles} from './qwen-channel.js';

/** Qwen Code. Beside its normal screen it writes what happens to one file and takes answers from another; both stay live. */
export const qwen: AgentAdapter = {
	name: 'qwen',
	program: 'qwen',
	title: 'Qwen Code',
	provider: 'qwen',
	passedEnv: ['QWEN_*', 'OPENAI_*', 'DASHSCOPE_API_KEY'],
	provesAcceptance: true,
	refusesSilently: true,
	plan({profile, text, folder, threadId, newUuid}) {
		const {file, extra} = profileProgram(profile, 'qwen');
		const chosen = threadId ?? newUuid();
		return {
			file,
			args: [
				...['--approval-mode', 'default'],
				...['--json-file', `${folder}/${qwenFiles.events}`],
				...['--input-file', `${folder}/${qwenFiles.input}`],
				...(threadId === undefined ? ['--session-id', chosen] : ['--resume', chosen]),
				...(profile.model === undefined ? [] : ['--model', profile.model]),
				...extra,
				...(text === '' ? [] : [`--prompt-interactive=${text}`]),
			],
			env: profile.env ?? {},
			files: {[qwenFiles.events]: '', [qwenFiles.input]: ''},
			threadId: chosen,
		};
	},
	openChannel: context => openQwenChannel(context),
};
