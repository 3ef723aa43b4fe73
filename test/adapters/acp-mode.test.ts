import {describe, expect, test} from 'vitest';
import {askingMode} from '../../source/acp/asking-mode.js';

const opened = (currentModeId: string, ...ids: readonly string[]) => ({
	sessionId: 's',
	modes: {currentModeId, availableModes: ids.map(id => ({id, name: id}))},
});

const copilots = 'https://agentclientprotocol.com/protocol/session-modes#';

describe('the mode of an ACP session', () => {
	test.each([
		['codex-acp', opened('agent', 'read-only', 'workspace-write', 'agent', 'agent-full-access'), 'read-only'],
		['Qwen Code', opened('auto', 'plan', 'default', 'auto-edit', 'auto', 'yolo'), 'default'],
		['Claude Code where auto is the default', opened('auto', 'default', 'acceptEdits', 'plan', 'auto', 'bypassPermissions'), 'default'],
		[
			'Copilot on autopilot',
			opened(`${copilots}autopilot`, `${copilots}plan`, `${copilots}agent`, `${copilots}autopilot`),
			`${copilots}agent`,
		],
	])('%s is put into one that asks', (_, answer, modeId) => {
		expect(askingMode(answer, undefined)).toEqual({modeId, note: expect.stringContaining(modeId)});
	});

	test.each([
		['Gemini', opened('default', 'default', 'autoEdit', 'yolo', 'plan')],
		['Copilot', opened(`${copilots}agent`, `${copilots}agent`, `${copilots}autopilot`)],
		['a plan', opened('plan', 'default', 'plan')],
		['an agent without modes', {sessionId: 's'}],
	])('%s keeps its own', (_, answer) => {
		expect(askingMode(answer, undefined)).toEqual({});
	});

	test('what the operator wants is set, and missed aloud', () => {
		const answer = opened('default', 'default', 'yolo');
		expect(askingMode(answer, 'yolo')).toEqual({modeId: 'yolo'});
		expect(askingMode(answer, 'ask')).toEqual({note: 'the agent has no mode ask; it has default, yolo'});
	});

	test('an agent that can only decide by itself is told of', () => {
		expect(askingMode(opened('yolo', 'yolo'), undefined)).toEqual({note: expect.stringMatching(/yolo.*decides by itself/)});
	});
});
