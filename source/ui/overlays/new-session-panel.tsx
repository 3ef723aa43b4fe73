import type {State} from '../../../state/state.js';
import type {FormField, NewSessionForm} from '../../../state/view/overlay.js';
import {visible} from '../../../state/view/visible.js';
import type {Segment} from '../components/line.js';
import {Panel, panelColumns} from '../components/panel.js';
import {inputSegments} from '../components/text-input.js';
import {type Theme, useTheme} from '../theme.js';

const nameColumns = 9;

const names: Readonly<Record<FormField, string>> = {agent: 'Agent', text: 'Prompt', cwd: 'Folder', label: 'Name'};

const placeholders: Readonly<Record<Exclude<FormField, 'agent'>, string>> = {
	text: 'what it should do; empty opens it without a task',
	cwd: 'an existing folder',
	label: 'chosen for you when empty',
};

const agentSegments = (form: NewSessionForm, state: State, {glyphs, isAscii}: Theme): readonly Segment[] => {
	const agents = Object.values(state.agents);
	const index = agents.findIndex(({name}) => name === form.agent);
	const [before, after] = isAscii ? ['<', '>'] : ['‹', '›'];
	const isFocused = form.field === 'agent';
	return [
		{text: `${before} ${visible(form.agent)} ${after}`, tone: isFocused ? 'selected' : 'plain'},
		{text: `  ${index + 1} of ${agents.length} ${glyphs.separator} ${visible(agents[index]?.description ?? '')}`, tone: 'quiet'},
	];
};

/** The form for a new session. */
export const NewSessionPanel = ({
	form,
	state,
	columns,
	rows,
}: {
	readonly form: NewSessionForm;
	readonly state: State;
	readonly columns: number;
	readonly rows: number;
}) => {
	const theme = useTheme();
	const {glyphs} = theme;
	const room = panelColumns(columns) - nameColumns - 2;
	const nameOf = (field: FormField): readonly Segment[] => {
		const isFocused = form.field === field;
		const name = field === 'text' && form.agent === 'shell' ? 'Command' : names[field];
		return [{text: `${isFocused ? glyphs.cursor : ' '} ${name.padEnd(nameColumns)}`, tone: isFocused ? 'strong' : 'plain'}];
	};

	const textLine = (field: Exclude<FormField, 'agent'>): readonly Segment[] => [
		...nameOf(field),
		...inputSegments(form[field], {columns: room, glyphs, focused: form.field === field, placeholder: placeholders[field]}),
	];
	const hint: readonly Segment[] =
		form.field === 'agent'
			? [{text: `  ${' '.repeat(nameColumns)}the arrows to the side choose another`, tone: 'quiet'}]
			: [{text: form.problem === undefined ? '' : `! ${form.problem}`, tone: 'failed'}];
	return (
		<Panel
			title="New session"
			lines={[[...nameOf('agent'), ...agentSegments(form, state, theme)], textLine('text'), textLine('cwd'), textLine('label'), [], hint]}
			columns={columns}
			rows={rows}
		/>
	);
};
