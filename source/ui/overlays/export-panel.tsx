import {exportFormats, type Overlay} from '../../../state/view/overlay.js';
import {visible} from '../../../state/view/visible.js';
import {choiceSegments} from '../components/choice.js';
import {Panel} from '../components/panel.js';
import {useTheme} from '../theme.js';

/** Which form the export of a session takes. */
export const ExportPanel = ({
	overlay,
	label,
	columns,
	rows,
}: {
	readonly overlay: Extract<Overlay, {kind: 'export'}>;
	/** The session's name. */
	readonly label: string;
	readonly columns: number;
	readonly rows: number;
}) => {
	const {glyphs} = useTheme();
	const lines = exportFormats.map(({name, description}) =>
		choiceSegments({name, description, isSelected: name === overlay.format, nameColumns: 10, glyphs}),
	);
	return <Panel title={`Export ${visible(label)}`} lines={lines} columns={columns} rows={rows} />;
};
