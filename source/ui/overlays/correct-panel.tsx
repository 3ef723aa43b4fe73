import {correctableActivities} from '../../../state/agent/screen-correction.js';
import type {CorrectionForm} from '../../../state/view/overlay.js';
import {visible} from '../../../state/view/visible.js';
import type {Segment} from '../components/line.js';
import {Panel, panelColumns, panelRows} from '../components/panel.js';
import {useTheme} from '../theme.js';

/** With fewer columns the states do not stand side by side; with fewer lines nothing but state and lines is said. */
const leastForStates = 40;
const leastForWords = 10;

/** What an agent really does, and the lines by which it is known from now on. The lowest line of its screen stands lowest. */
export const CorrectPanel = ({
	form,
	label,
	columns,
	rows,
}: {
	readonly form: CorrectionForm;
	/** The session's name. */
	readonly label: string;
	readonly columns: number;
	readonly rows: number;
}) => {
	const {glyphs, isAscii} = useTheme();
	const [before, after] = isAscii ? ['<', '>'] : ['‹', '›'];
	const states: readonly Segment[] = correctableActivities
		// Where not all have room, the chosen one stands alone.
		.filter(activity => panelColumns(columns) >= leastForStates || activity === form.activity)
		.flatMap((activity): readonly Segment[] => {
			const isChosen = activity === form.activity;
			return [{text: isChosen ? `${before}${activity}${after}` : ` ${activity} `, tone: isChosen ? 'selected' : 'quiet'}, {text: ' '}];
		});
	const what = form.from === 'title' ? 'Its title says so:' : 'These lines of its screen say so; figures may differ:';
	const lines = [...form.lines.keys()].toReversed().map((index): readonly Segment[] => {
		const isMarked = form.marked.includes(index);
		const isSelected = index === form.index;
		return [
			{text: `${isSelected ? glyphs.cursor : ' '} [${isMarked ? 'x' : ' '}] `, tone: isSelected ? 'strong' : 'plain'},
			{text: visible(form.lines[index]!.text.trim()), tone: isMarked ? 'plain' : 'quiet'},
		];
	});
	// The state, a blank, what follows, and below the lines a word about whom it concerns; the lines alone where there is little room.
	const isRoomy = panelRows(rows) >= form.lines.length + 5 || panelRows(rows) >= leastForWords;
	const room = Math.max(1, panelRows(rows) - (isRoomy ? 5 : 1));
	const hidden = Math.max(0, lines.length - room);
	const from = Math.min(hidden, Math.max(0, form.lines.length - 1 - form.index - Math.floor(room / 2)));
	const shown = lines.slice(from, from + room);
	const whom = `The rule holds for every agent of the kind ${visible(form.adapter)}.`;
	const words: ReadonlyArray<readonly Segment[]> = [states, [], [{text: what, tone: 'quiet'}], ...shown, [], [{text: whom, tone: 'quiet'}]];
	return (
		<Panel title={`What does ${visible(label)} really do?`} lines={isRoomy ? words : [states, ...shown]} columns={columns} rows={rows} />
	);
};
