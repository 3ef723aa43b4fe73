import {Box} from 'ink';
import type {Overlay} from '../../../state/overlay.js';
import {fitColumns} from '../../../state/text-width.js';
import type {Binding} from '../../keys/binding.js';
import {type HelpRow, helpRows, keysLabel} from '../../keys/help-rows.js';
import {Line, type Segment} from '../components/line.js';
import {useTheme} from '../theme.js';

const keyColumns = 16;

const rowSegments = (row: HelpRow, isAscii: boolean): readonly Segment[] =>
	row.binding
		? [
				{text: `  ${fitColumns(keysLabel(row.binding, {isAscii}), keyColumns)}  `, tone: 'strong'},
				{text: fitColumns(row.binding.title, 16)},
				{text: row.binding.help, tone: 'quiet'},
			]
		: [{text: ` ${row.heading}`, tone: 'waiting'}];

/** Every key there is, by where it works. */
export const HelpPanel = ({
	overlay,
	keymap,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'help'}>;
	readonly keymap: readonly Binding[];
	readonly columns: number;
	readonly rows: number;
}) => {
	const {isAscii} = useTheme();
	const all = helpRows(keymap);
	const top = Math.max(0, Math.min(overlay.top, all.length - rows));
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{all.slice(top, top + rows).map(row => (
				<Line key={row.binding?.id ?? row.heading} columns={columns} segments={rowSegments(row, isAscii)} />
			))}
		</Box>
	);
};
