import type {View} from '../../state/view/view.js';
import type {Fleet} from '../fleet.js';

/**
 * What every screen is given. A screen fills exactly `columns` × `rows` (the body between header and footer), reads State afresh
 * from `fleet.orchestrator.getState()` each time it is drawn, and keeps nothing of it.
 */
export type ScreenProps = {
	readonly fleet: Fleet;
	readonly view: View;
	readonly columns: number;
	readonly rows: number;
	/** The coordinator's clock, for ages. */
	readonly nowMs: number;
};
