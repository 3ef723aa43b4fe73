import {readFileSync, writeFileSync} from 'node:fs';
import {keyTable} from '../../source/keys/help.js';

/** Puts the table of keys into the readme. */
const file = new URL('../../../readme.md', import.meta.url);
const readme = readFileSync(file, 'utf8');
writeFileSync(
	file,
	readme.replace(/<!-- keys -->[\s\S]*<!-- \/keys -->/, () => `<!-- keys -->\n${keyTable().trim()}\n<!-- /keys -->`),
);
