import type {Overlay} from '../../../state/view/overlay.js';
import {visible} from '../../../state/view/visible.js';
import {keyOf} from '../../keys/key-of.js';
import type {Segment} from '../components/line.js';
import {Panel, panelRows} from '../components/panel.js';

/** A question before something that cannot be taken back, with the names of everything it would touch. */
export const ConfirmPanel = ({
	overlay,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'confirm'}>;
	readonly columns: number;
	readonly rows: number;
}) => {
	// A blank line and the answers come below the names.
	const room = Math.max(1, panelRows(rows) - 2);
	const isLong = overlay.affected.length > room;
	const names = overlay.affected.slice(0, isLong ? room - 1 : room).map(name => visible(name));
	const hidden = overlay.affected.length - names.length;
	const lines: ReadonlyArray<readonly Segment[]> = [
		...names.map(name => [{text: name}]),
		...(isLong ? [[{text: `and ${hidden} more`, tone: 'quiet' as const}]] : []),
		...(overlay.affected.length === 0 ? [] : [[]]),
		[
			{text: keyOf('confirm.yes'), tone: 'strong'},
			{text: `  ${overlay.verb}      `},
			{text: keyOf('confirm.no'), tone: 'strong'},
			{text: '  leave it'},
		],
	];
	return <Panel title={overlay.title} lines={lines} columns={columns} rows={rows} />;
};
