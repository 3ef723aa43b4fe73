import {Text} from 'ink';
import {fitColumns, textWidth} from '../../../state/view/text-width.js';
import {type Tone, useTheme} from '../theme.js';

/** A stretch of a line. Its text is drawn as it is: text of agents goes through `visible` first. */
export type Segment = {readonly text: string; readonly tone?: Tone};

/** Columns all segments take. */
export const widthOf = (segments: readonly Segment[]): number => segments.reduce((sum, {text}) => sum + textWidth(text), 0);

/** The segments in exactly so many columns: cut where they are too long, with `fill` where they are short. */
export const fitSegments = (
	segments: readonly Segment[],
	columns: number,
	{ellipsis, fill = ' ', fillTone = 'plain'}: {readonly ellipsis: string; readonly fill?: string; readonly fillTone?: Tone},
): readonly Segment[] => {
	const fitted: Segment[] = [];
	let left = columns;
	for (const segment of segments) {
		const width = textWidth(segment.text);
		if (width > left) {
			fitted.push({...segment, text: fitColumns(segment.text, left, ellipsis)});
			return fitted;
		}

		fitted.push(segment);
		left -= width;
	}

	return left > 0 ? [...fitted, {text: fill.repeat(left), tone: fillTone}] : fitted;
};

/** One row of exactly `columns` columns. */
export const Line = ({
	segments,
	columns,
	fill,
	fillTone,
}: {
	readonly segments: readonly Segment[];
	readonly columns: number;
	readonly fill?: string;
	readonly fillTone?: Tone;
}) => {
	const theme = useTheme();
	const fitted = fitSegments(segments, columns, {
		ellipsis: theme.glyphs.ellipsis,
		...(fill !== undefined && {fill}),
		...(fillTone && {fillTone}),
	});
	return (
		<Text wrap="truncate">
			{fitted.map(({text, tone = 'plain'}, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a stretch has no other name, and none keeps anything.
				<Text key={index} {...theme.style(tone)}>
					{text}
				</Text>
			))}
		</Text>
	);
};
