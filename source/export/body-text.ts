import {visible} from '../../state/view/visible.js';
import type {Redact} from './redact.js';

/**
 * Text of several lines as an export may show it: secrets taken out, line ends made one kind, and everything that cannot be seen spelt
 * out. Tabs stay: in a file they are seen.
 */
export const bodyLines = (text: string, redact: Redact): readonly string[] =>
	redact(text.replaceAll('\r\n', '\n'))
		.replace(/\n$/, '')
		.split('\n')
		.map(line =>
			line
				.split('\t')
				.map(part => visible(part))
				.join('\t'),
		);
