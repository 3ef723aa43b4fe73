import type {AgentAdapter} from '../agent-adapter.js';

/** Any program by its argv. `{prompt}` in an argument is replaced by the run's text; without one the text becomes the last argument. */
export const command: AgentAdapter = {
	name: 'command',
	passedEnv: [],
	plan({profile, text}) {
		const [file = '', ...template] = profile.argv ?? [];
		const hasPlace = template.some(argument => argument.includes('{prompt}'));
		const filled = template.map(argument => argument.replaceAll('{prompt}', () => text));
		const args =
			hasPlace || text === '' ? filled.filter((argument, index) => argument !== '' || template[index] !== '{prompt}') : [...filled, text];
		return {file, args, env: profile.env ?? {}};
	},
};
