import {fitColumns} from '../../../state/view/text-width.js';
import type {Glyphs} from '../theme.js';
import type {Segment} from './line.js';

/** One line of a list to choose from: the cursor, a name, what it means. */
export const choiceSegments = ({
	name,
	description,
	isSelected,
	nameColumns,
	glyphs,
}: {
	readonly name: string;
	readonly description: string;
	readonly isSelected: boolean;
	readonly nameColumns: number;
	readonly glyphs: Glyphs;
}): readonly Segment[] => [
	{text: `${isSelected ? glyphs.cursor : ' '} `, tone: 'strong'},
	{text: fitColumns(name, nameColumns, glyphs.ellipsis), tone: isSelected ? 'strong' : 'plain'},
	{text: `  ${description}`, tone: 'quiet'},
];
