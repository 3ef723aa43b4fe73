import type {Focus} from '../../keys/binding.js';
import {ConfirmPanel} from './confirm-panel.js';
import {CorrectPanel} from './correct-panel.js';
import {ExportPanel} from './export-panel.js';
import {HelpPanel} from './help-panel.js';
import {NewSessionPanel} from './new-session-panel.js';
import {PalettePanel} from './palette-panel.js';
import {StoppingPanel} from './stopping-panel.js';
import {WhyPanel} from './why-panel.js';

/** The overlay that takes the place of the body. */
export const Covering = ({focus, columns, rows}: {readonly focus: Focus; readonly columns: number; readonly rows: number}) => {
	const {view, state, keymap} = focus;
	const {overlay} = view;
	const size = {columns, rows};
	switch (overlay?.kind) {
		case 'new-session': {
			return <NewSessionPanel form={overlay} state={state} {...size} />;
		}

		case 'confirm': {
			return <ConfirmPanel overlay={overlay} {...size} />;
		}

		case 'palette': {
			return <PalettePanel overlay={overlay} focus={focus} {...size} />;
		}

		case 'help': {
			return <HelpPanel overlay={overlay} keymap={keymap} {...size} />;
		}

		case 'export': {
			return <ExportPanel overlay={overlay} label={state.sessions[overlay.sessionId]?.label ?? ''} {...size} />;
		}

		case 'stopping': {
			return <StoppingPanel overlay={overlay} state={state} {...size} />;
		}

		case 'why': {
			return <WhyPanel overlay={overlay} state={state} nowMs={focus.nowMs} {...size} />;
		}

		case 'correct': {
			const label = state.sessions[state.runs[overlay.runId]?.sessionId ?? '']?.label ?? '';
			return <CorrectPanel form={overlay} label={label} {...size} />;
		}

		default: {
			return null;
		}
	}
};
