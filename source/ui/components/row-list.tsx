import {Box} from 'ink';
import type {ReactNode} from 'react';
import {span, wrapLine} from '../../../state/view/frame-line.js';
import {useTheme} from '../theme.js';
import {Line, type Segment} from './line.js';
import {listTop} from './list-window.js';

/** One row of a list. Text of agents went through `visible`. */
export type ListItem = {readonly id: string; readonly segments: readonly Segment[]; readonly isQuiet?: boolean};

export type RowListProps = {
	readonly items: readonly ListItem[];
	readonly selectedId: string | undefined;
	readonly columns: number;
	readonly height: number;
	/** What stands there instead of rows, when there are none. */
	readonly empty: readonly string[];
};

/** The tone of the stretch of a row: the row under the cursor stands out, a quiet one stands back; both are marked or placed as well. */
const toneOf = ({tone = 'plain'}: Segment, {isSelected, isQuiet}: {isSelected: boolean; isQuiet: boolean}): Segment['tone'] => {
	if (isSelected) {
		return tone === 'plain' || tone === 'quiet' ? 'strong' : tone;
	}

	return isQuiet ? 'quiet' : tone;
};

/** As many rows of a list as fit, around the selected one, which is marked. Fills `columns` × `height`. */
export const RowList = ({items, selectedId, columns, height, empty}: RowListProps): ReactNode => {
	const {glyphs} = useTheme();
	const selected = items.findIndex(({id}) => id === selectedId);
	const top = listTop({count: items.length, selected, rows: height});
	return (
		<Box flexDirection="column" width={columns} height={height} overflow="hidden">
			{items.slice(top, top + height).map(({id, segments, isQuiet = false}) => {
				const isSelected = id === selectedId;
				const cursor: Segment = {text: isSelected ? `${glyphs.cursor} ` : '  ', tone: 'strong'};
				const drawn = segments.map(segment => ({...segment, tone: toneOf(segment, {isSelected, isQuiet})}) as Segment);
				return <Line key={id} columns={columns} segments={[cursor, ...drawn]} />;
			})}
			{items.length === 0
				? empty
						.flatMap(text => (text === '' ? [[]] : wrapLine([span(text, 'quiet')], columns - 4, {words: true})))
						.slice(0, height)
						.map((line, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
							<Line key={index} columns={columns} segments={[{text: '  '}, ...line]} />
						))
				: null}
		</Box>
	);
};
