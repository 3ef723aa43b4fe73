import type {Overlay} from '../../../state/view/overlay.js';
import {fitColumns, textWidth} from '../../../state/view/text-width.js';
import type {Focus} from '../../keys/binding.js';
import {keyLabel} from '../../keys/chord.js';
import {type PaletteEntry, paletteEntries} from '../../keys/palette.js';
import type {Segment} from '../components/line.js';
import {listTop} from '../components/list-window.js';
import {Panel, panelColumns, panelRows} from '../components/panel.js';
import {inputSegments} from '../components/text-input.js';
import {type Glyphs, useTheme} from '../theme.js';

const keyColumns = 7;
const titleColumns = 15;

const entrySegments = (
	{binding, where}: PaletteEntry,
	{isSelected, columns, glyphs}: {isSelected: boolean; columns: number; glyphs: Glyphs},
): readonly Segment[] => {
	const key = fitColumns(keyLabel(binding.keys[0] ?? '', {isAscii: glyphs.vertical === '|'}), keyColumns);
	const tail = where === '' ? '' : ` ${where}`;
	const room = columns - 2 - keyColumns - textWidth(tail);
	const title = `${fitColumns(binding.title, titleColumns, glyphs.ellipsis)}  `;
	return [
		{text: `${isSelected ? glyphs.cursor : ' '} `, tone: 'strong'},
		{text: key, tone: 'strong'},
		{text: title, tone: isSelected ? 'strong' : 'plain'},
		{text: fitColumns(binding.help, Math.max(0, room - textWidth(title)), glyphs.ellipsis), tone: 'quiet'},
		{text: tail, tone: 'quiet'},
	];
};

/** Every action by its name. */
export const PalettePanel = ({
	overlay,
	focus,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'palette'}>;
	readonly focus: Focus;
	readonly columns: number;
	readonly rows: number;
}) => {
	const {glyphs} = useTheme();
	const entries = paletteEntries(focus);
	const inside = panelColumns(columns);
	// What is typed, and a blank line.
	const room = Math.max(1, panelRows(rows) - 2);
	const top = listTop({count: entries.length, selected: overlay.index, rows: room});
	const shown = entries
		.slice(top, top + room)
		.map((entry, index) => entrySegments(entry, {isSelected: top + index === overlay.index, columns: inside, glyphs}));
	const empty: ReadonlyArray<readonly Segment[]> = entries.length === 0 ? [[{text: '  No action has that name.', tone: 'quiet'}]] : [];
	const blanks = Array.from({length: Math.max(0, room - Math.max(1, shown.length))}, (): readonly Segment[] => []);
	const input = inputSegments(overlay.input, {columns: inside - 2, glyphs, placeholder: 'type what you want to do'});
	return (
		<Panel
			title="Palette"
			lines={[[{text: ': ', tone: 'strong'}, ...input], [], ...shown, ...empty, ...blanks]}
			columns={columns}
			rows={rows}
		/>
	);
};
