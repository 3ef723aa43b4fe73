import {type Fields, fieldsOf, listOf, textOf} from '../untrusted-json.js';

/** Modes in which an agent decides by itself what it may do, or lets another model decide: Codex's, Claude Code's, Gemini's, Qwen Code's, Copilot's. */
const decidingModes = new Set([
	'agent',
	'agent-full-access',
	'workspace-write',
	'acceptEdits',
	'auto',
	'auto-edit',
	'autoEdit',
	'bypassPermissions',
	'dontAsk',
	'yolo',
	'https://agentclientprotocol.com/protocol/session-modes#autopilot',
]);

/** Modes in which agents ask first, the one that hinders their work least in front. */
const askingModes = ['default', 'read-only', 'https://agentclientprotocol.com/protocol/session-modes#agent'];

/** What becomes of the mode of a session. */
export type ModeChoice = {
	/** The mode to set; absent when the session keeps its own. */
	readonly modeId?: string;
	/** Said in the transcript. */
	readonly note?: string;
};

/**
 * The mode that a session needs so that its agent asks the operator: several agents open theirs in one that decides by itself. `wanted` is
 * what the operator asked for, and is set whatever it does. `answer` is what the agent told when the session was opened.
 */
export const askingMode = (answer: Fields, wanted: string | undefined): ModeChoice => {
	const {availableModes, currentModeId} = fieldsOf(answer['modes']);
	const known = listOf(availableModes).map(mode => textOf(fieldsOf(mode)['id']));
	if (wanted !== undefined) {
		return known.includes(wanted)
			? {modeId: wanted}
			: {note: `the agent has no mode ${wanted}; it has ${known.filter(id => id !== undefined).join(', ') || 'none'}`};
	}

	const current = textOf(currentModeId) ?? '';
	if (!decidingModes.has(current)) {
		return {};
	}

	const modeId = askingModes.find(id => known.includes(id));
	return modeId === undefined
		? {note: `the agent is in its mode ${current}, in which it decides by itself, and has none that is known to ask`}
		: {modeId, note: `mode ${modeId}: in its own, ${current}, it would decide by itself`};
};
