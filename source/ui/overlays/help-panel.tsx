import {Box} from 'ink';
import type {Overlay} from '../../../state/view/overlay.js';
import {fitColumns, textWidth} from '../../../state/view/text-width.js';
import type {Binding} from '../../keys/binding.js';
import {type HelpRow, helpRows, keysLabel, whereOf} from '../../keys/help-rows.js';
import {Line, type Segment} from '../components/line.js';
import {useTheme} from '../theme.js';

type Widths = {readonly keys: number; readonly title: number};

/** Each group is aligned in itself: the long names of one do not push the others away. */
const widthsOf = (rows: readonly HelpRow[], isAscii: boolean): ReadonlyMap<string, Widths> => {
	const bindings = rows.flatMap(({binding}) => (binding ? [binding] : []));
	const widest = (texts: readonly string[]) => Math.max(...texts.map(textWidth));
	return new Map(
		[...Map.groupBy(bindings, whereOf)].map(([where, group]) => [
			where,
			{keys: widest(group.map(binding => keysLabel(binding, {isAscii}))), title: widest(group.map(({title}) => title))},
		]),
	);
};

const rowSegments = (row: HelpRow, widths: ReadonlyMap<string, Widths>, isAscii: boolean): readonly Segment[] => {
	if (!row.binding) {
		return [{text: ` ${row.heading}`, tone: 'waiting'}];
	}

	const {keys, title} = widths.get(whereOf(row.binding))!;
	return [
		{text: `   ${fitColumns(keysLabel(row.binding, {isAscii}), keys)}  `, tone: 'strong'},
		{text: fitColumns(row.binding.title, title)},
		{text: `  ${row.binding.help}`, tone: 'quiet'},
	];
};

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
	const widths = widthsOf(all, isAscii);
	const top = Math.max(0, Math.min(overlay.top, all.length - rows));
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{all.slice(top, top + rows).map(row => (
				<Line key={row.binding?.id ?? row.heading} columns={columns} segments={rowSegments(row, widths, isAscii)} />
			))}
		</Box>
	);
};
