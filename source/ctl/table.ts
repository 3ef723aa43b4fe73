import {renderToString} from 'ink';
import {Table} from 'ink-table';
import {createElement} from 'react';
import {visible} from '../../state/view/visible.js';
import type {Row} from './command.js';

const longestCell = 60;
/** Wide enough for any table: nothing is wrapped here, the terminal may. */
const columns = 2000;

const cell = (value: Row[string]): string => {
	// The table counts characters: only plain ASCII is as wide as it is long.
	const ascii = visible(String(value ?? '')).replaceAll(
		/[^ -~]/gu,
		character => `\\u{${character.codePointAt(0)!.toString(16).toUpperCase()}}`,
	);
	return ascii.length > longestCell ? `${ascii.slice(0, longestCell - 3)}...` : ascii;
};

/** A table of rows as text. */
export const tableText = (rows: readonly Row[]): string => {
	const data = rows.map(row => Object.fromEntries(Object.entries(row).map(([title, value]) => [title, cell(value)])));
	return renderToString(createElement(Table<Record<string, string>>, {data}), {columns});
};
