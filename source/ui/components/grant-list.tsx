import type {ReactNode} from 'react';
import type {GrantRow} from '../../../state/view/grant-rows.js';
import {quotedName} from '../../../state/view/quoted-name.js';
import {fitColumns} from '../../../state/view/text-width.js';
import {visible} from '../../../state/view/visible.js';
import {useTheme} from '../theme.js';
import {RowList} from './row-list.js';

export type GrantListProps = {
	readonly rows: readonly GrantRow[];
	readonly selectedId: string | undefined;
	readonly columns: number;
	readonly height: number;
};

const nothingGranted = [
	'Nothing is allowed for longer than once.',
	'',
	'What is approved for a run or for always appears here, and can be revoked.',
];

/** The approvals that hold for longer than once, one a line; those that hold no more are quiet and say why. */
export const GrantList = ({rows, selectedId, columns, height}: GrantListProps): ReactNode => {
	const {glyphs} = useTheme();
	const items = rows.map(({id, scope, agent, command, uses, until, isHolding}) => ({
		id,
		isQuiet: !isHolding,
		segments: [
			{text: `${isHolding ? glyphs.finished : glyphs.idle} ${fitColumns(scope, 7)}`, tone: 'plain' as const},
			{text: fitColumns(visible(until), 16, glyphs.ellipsis), tone: isHolding ? ('good' as const) : ('quiet' as const)},
			{text: ` ${String(uses).padStart(3)}x  `, tone: 'plain' as const},
			{
				text: fitColumns(
					`${visible(quotedName(agent))} ${glyphs.separator} ${visible(command)}`,
					Math.max(8, columns - 36),
					glyphs.ellipsis,
				),
				tone: 'plain' as const,
			},
		],
	}));
	return <RowList items={items} selectedId={selectedId} columns={columns} height={height} empty={nothingGranted} />;
};
