import type {Json} from '../../state/json.js';

const claudeBase = {
	session_id: '22222222-2222-4222-8222-222222222222',
	transcript_path: '/home/ada/.claude/projects/-repo/22222222-2222-4222-8222-222222222222.jsonl',
	cwd: '/repo',
	prompt_id: 'f415c7fe-94a3-4b1b-a83a-9380847a6b2d',
	permission_mode: 'default',
};

const bashCall = {tool_name: 'Bash', tool_input: {command: 'touch proof.txt', description: 'scripted command'}};

/** What Claude Code 2.1.329 gave its hooks. */
export const claudeEvents = {
	sessionStart: {...claudeBase, hook_event_name: 'SessionStart', source: 'startup', model: 'claude-opus-5-5'},
	prompt: {...claudeBase, hook_event_name: 'UserPromptSubmit', prompt: 'RUN: touch proof.txt'},
	permission: {
		...claudeBase,
		...bashCall,
		hook_event_name: 'PermissionRequest',
		effort: {level: 'medium'},
		permission_suggestions: [{type: 'setMode', mode: 'acceptEdits', destination: 'session'}],
	},
	question: {
		...claudeBase,
		hook_event_name: 'PermissionRequest',
		tool_name: 'AskUserQuestion',
		tool_input: {questions: [{question: 'Which colour?', options: [{label: 'Red'}, {label: 'Blue'}]}]},
	},
	edit: {
		...claudeBase,
		hook_event_name: 'PermissionRequest',
		tool_name: 'Edit',
		tool_input: {file_path: '/repo/a.ts', old_string: 'one\ntwo', new_string: 'three', replace_all: true},
	},
	toolDone: {
		...claudeBase,
		...bashCall,
		hook_event_name: 'PostToolUse',
		tool_response: {stdout: '', stderr: '', interrupted: false},
		tool_use_id: 'toolu_01471a6c390684d558',
		duration_ms: 152,
	},
	notification: {
		...claudeBase,
		hook_event_name: 'Notification',
		message: 'Claude needs your permission',
		notification_type: 'permission_prompt',
	},
	stop: {...claudeBase, hook_event_name: 'Stop', stop_hook_active: false, last_assistant_message: 'RESULT'},
} as const satisfies Readonly<Record<string, Json>>;

const copilotBase = {sessionId: '11111111-1111-4111-8111-111111111111', timestamp: 1_795_246_824_025, cwd: '/repo'};

/** What Copilot CLI 1.0.102 gave its hooks: only the permission hook names itself. */
export const copilotEvents = {
	sessionStart: {...copilotBase, source: 'new', initialPrompt: 'RUN: touch proof.txt'},
	prompt: {...copilotBase, prompt: 'RUN: touch proof.txt'},
	permission: {
		hookName: 'permissionRequest',
		...copilotBase,
		toolName: 'bash',
		toolInput: {command: 'touch proof.txt'},
		permissionSuggestions: [],
	},
	toolDone: {
		...copilotBase,
		toolName: 'bash',
		toolArgs: {command: 'touch proof.txt', description: 'x'},
		toolResult: {resultType: 'success'},
	},
	stop: {...copilotBase, transcriptPath: '/home/ada/.copilot/events.jsonl', stopReason: 'end_turn', stop_hook_active: false},
	notification: {...copilotBase, notification_type: 'permission_prompt'},
} as const satisfies Readonly<Record<string, Json>>;
