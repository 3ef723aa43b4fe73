import type {ExportOptions} from '../../source/export/export-session.js';
import type {RecordedEvent} from '../../source/export/sources.js';
import {agentOf, createStateFleet, launcher, system} from './state-fleet.js';

/** What others than we wrote, wherever they can write. */
export type Words = {
	readonly label?: string;
	readonly prompt?: string;
	readonly typed?: string;
	readonly request?: string;
	readonly argument?: string;
	readonly answer?: string;
};

/** Everything a stream of pieces holds, in one. `onPiece` is called between one piece and the next. */
export const textOf = async (chunks: AsyncIterable<string>, onPiece?: () => void): Promise<string> => {
	let text = '';
	for await (const chunk of chunks) {
		text += chunk;
		onPiece?.();
	}

	return text;
};

/**
 * A fleet that lived a little, the same every time. The root asks for something, is told no after 75 s, hears a typed line and succeeds;
 * of its two children the first has a child of its own and is stopped with it, the second fails.
 */
export const livedFleet = ({
	label = 'Fix the build',
	prompt = 'make\nthen test',
	typed = 'go on',
	request = 'May I clear dist?',
	argument = 'dist',
	answer = 'not today',
}: Words = {}) => {
	const fleet = createStateFleet();
	const root = fleet.start({label, text: prompt, cwd: '/home/ada/project'});
	fleet.advance(2000);
	const first = fleet.start({label: 'first', text: 'plan', parentRunId: root.run});
	const second = fleet.start({label: 'second', text: 'false', parentRunId: root.run});
	const deep = fleet.start({label: 'deep', text: '', parentRunId: first.run});
	const payload = {tool: 'Bash', argv: ['rm', '-rf', argument], cwd: '/home/ada/project', diff: '-old\n+new'};
	const raise = {
		type: 'escalation.raise',
		runId: root.run,
		kind: 'approval',
		text: request,
		payload,
		blocking: true,
		fingerprint: 'f1',
	} as const;
	fleet.send(raise, agentOf(root.run));
	const escalationId = Object.keys(fleet.state.escalations)[0]!;
	fleet.advance(500);
	fleet.send({type: 'escalation.show', escalationId, frame: 'f', columns: 120, rows: 40});
	fleet.advance(74_500);
	fleet.send({type: 'escalation.decide', escalationId, fingerprint: 'f1', choice: 'deny', text: answer});
	fleet.send({type: 'escalation.deliver', escalationId}, system);
	fleet.send({type: 'message.type', sessionId: root.session, text: typed});
	fleet.advance(1000);
	fleet.exited(second.run, 1);
	fleet.send({type: 'session.stop', sessionId: first.session, tree: true});
	const proof = {processes: 9, survivors: 0, killed: true};
	for (const {run} of [deep, first]) {
		fleet.send({type: 'attempt.exited', runId: run, generation: 1, exitCode: null, signal: 9, proof}, launcher);
	}

	fleet.exited(root.run, 0);
	return {fleet, root, first, second, deep};
};

/** What every attempt shows in an export that asks for nothing special. */
const quiet: Pick<ExportOptions, 'outputText' | 'recordingEvents'> = {
	outputText: async ptyId => [`output of ${ptyId}`, '', '  done'],
	async *recordingEvents(ptyId): AsyncGenerator<RecordedEvent> {
		yield {atMs: 0, code: 'r', data: '80x24'};
		yield {atMs: 12.5, code: 'o', data: `hello from ${ptyId}\r\n`};
	},
};

/** Options for an export of the root of a lived fleet, with its whole tree. */
export const exportOptions = ({fleet, root}: ReturnType<typeof livedFleet>, changed: Partial<ExportOptions> = {}): ExportOptions => ({
	state: fleet.state,
	sessionId: root.session,
	tree: true,
	format: 'md',
	nowMs: fleet.now(),
	...quiet,
	...changed,
});
