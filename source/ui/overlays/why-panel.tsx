import {Box} from 'ink';
import type {State} from '../../../state/state.js';
import type {Overlay} from '../../../state/view/overlay.js';
import {whyBody} from '../../../state/view/why-lines.js';
import {whyMargin} from '../../keys/why-bindings.js';
import {Line} from '../components/line.js';

/** Why a run is where it is, over the whole body. */
export const WhyPanel = ({
	overlay,
	state,
	nowMs,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'why'}>;
	readonly state: State;
	readonly nowMs: number;
	readonly columns: number;
	readonly rows: number;
}) => {
	const run = state.runs[overlay.runId];
	const body = run ? whyBody(state, run, {columns: columns - whyMargin, nowMs}) : [];
	const top = Math.max(0, Math.min(overlay.top, body.length - rows));
	return (
		<Box flexDirection="column" width={columns} height={rows} overflow="hidden">
			{body.slice(top, top + rows).map((line, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a line is its place.
				<Line key={index} columns={columns} segments={[{text: ' '}, ...line]} />
			))}
		</Box>
	);
};
