import {isEnded} from '../../../state/run/run.js';
import {proofLines} from '../../../state/run/stop-proof.js';
import type {State} from '../../../state/state.js';
import type {Overlay} from '../../../state/view/overlay.js';
import {visible} from '../../../state/view/visible.js';
import type {Segment} from '../components/line.js';
import {Panel, panelRows} from '../components/panel.js';

/** What became of everything that was told to stop, one line a tree. Those that are left come first, so that none is out of sight. */
export const StoppingPanel = ({
	overlay,
	state,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'stopping'}>;
	readonly state: State;
	readonly columns: number;
	readonly rows: number;
}) => {
	const hasEnded = (id: string): boolean => state.runs[id] === undefined || isEnded(state.runs[id]);
	const left = overlay.runIds.filter(id => !hasEnded(id));
	const ordered = overlay.runIds.length > panelRows(rows) ? [...left, ...overlay.runIds.filter(hasEnded)] : overlay.runIds;
	const lines: ReadonlyArray<readonly Segment[]> = proofLines(state, ordered).map(line => [{text: visible(line)}]);
	const title = left.length === 0 ? 'Everything has stopped' : `Stopping: ${left.length} of ${overlay.runIds.length} left`;
	return <Panel title={title} lines={lines.length === 0 ? [[{text: 'Nothing was running.'}]] : lines} columns={columns} rows={rows} />;
};
