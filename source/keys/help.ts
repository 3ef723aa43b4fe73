import {helpRows, keysLabel, whereOf} from './help-rows.js';
import {keymap} from './keymap.js';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

/** The table of all keys for the readme, in Markdown. */
export const keyTable = (): string => {
	const rows = helpRows(keymap).flatMap(({binding}) =>
		binding
			? [
					`| ${keysLabel(binding).split(' ').map(code).map(cell).join(' ')} | ${whereOf(binding)} | ${cell(`${binding.title}: ${binding.help}`)} |`,
				]
			: [],
	);
	return ['| Key | Where | What it does |', '| --- | --- | --- |', ...rows].join('\n');
};
