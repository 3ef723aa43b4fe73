import {Box} from 'ink';
import type {ReactNode} from 'react';
import {type FrameLine, span, wrapLine} from '../../../state/view/frame-line.js';
import {useTheme} from '../theme.js';
import {Line} from './line.js';

/** A line across the screen with a title in it. */
export const Rule = ({title, columns}: {readonly title: FrameLine; readonly columns: number}): ReactNode => {
	const {glyphs} = useTheme();
	const segments = [span(`${glyphs.horizontal.repeat(2)} `, 'quiet'), ...title, span(title.length === 0 ? '' : ' ')];
	return <Line segments={segments} columns={columns} fill={glyphs.horizontal} fillTone="quiet" />;
};

/**
 * What there is to say about the selected row: a rule with a title, and lines that are wrapped and cut to the room there is, with a
 * mark where something is left out. Fills `columns` × `height`.
 */
export const DetailLines = ({
	title,
	lines,
	columns,
	height,
}: {
	readonly title: FrameLine;
	readonly lines: readonly FrameLine[];
	readonly columns: number;
	readonly height: number;
}): ReactNode => {
	const {glyphs} = useTheme();
	const wrapped = lines.flatMap(line => wrapLine(line, columns - 2, {words: true}));
	const room = height - 1;
	const shown =
		wrapped.length > room
			? [...wrapped.slice(0, Math.max(0, room - 1)), [...(wrapped[room - 1] ?? []), span(` ${glyphs.ellipsis}`, 'strong')]]
			: wrapped;
	return (
		<Box flexDirection="column" width={columns} height={height} overflow="hidden">
			<Rule title={title} columns={columns} />
			{shown.map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
				<Line key={index} segments={[span(' '), ...line]} columns={columns} />
			))}
		</Box>
	);
};
