import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import {describe, expect, test} from 'vitest';
import {piExtension} from '../../source/agents/pi-extension.js';

const waitMs = {timeout: 20_000};

type Answer = {readonly block: true; readonly reason: string} | undefined;

type Handler = (event: object, context: object) => Promise<Answer>;

/** A hook command whose answer is the text of a file, once that file is there; what it was given is kept. */
const hookSource = (folder: string): string => `
import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {text} from 'node:stream/consumers';
const event = await text(process.stdin);
const isTelling = process.argv.includes('--tell');
appendFileSync(${JSON.stringify(path.join(folder, 'calls'))}, JSON.stringify({isTelling, event: JSON.parse(event)}) + '\\n');
const look = () => {
	const file = ${JSON.stringify(path.join(folder, 'answer'))};
	if (isTelling || existsSync(file)) {
		process.stdout.write(isTelling ? '' : readFileSync(file, 'utf8'));
		return;
	}

	setTimeout(look, 20);
};
look();
`;

/** The extension's very file, loaded as pi does and given a stand-in for pi. */
const loadExtension = async (hookCommand?: readonly string[]) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'pi-'));
	const hook = path.join(folder, 'hook.mjs');
	writeFileSync(hook, hookSource(folder));
	const file = path.join(folder, 'gate.mjs');
	writeFileSync(file, piExtension({hookCommand: hookCommand ?? [process.execPath, hook], freeTools: ['read']}));
	const handlers = new Map<string, Handler>();
	const {default: extension} = (await import(pathToFileURL(file).href)) as {default: (pi: object) => void};
	extension({on: (name: string, handler: Handler) => handlers.set(name, handler)});
	const calls = (): readonly {readonly isTelling: boolean; readonly event: Record<string, unknown>}[] => {
		try {
			return readFileSync(path.join(folder, 'calls'), 'utf8')
				.trim()
				.split('\n')
				.map(line => JSON.parse(line));
		} catch {
			return [];
		}
	};

	return {
		on: (name: string, event: object, context: object = {}) => handlers.get(name)!(event, {cwd: '/repo', ...context}),
		call: (context: object = {}) =>
			handlers.get('tool_call')!({toolName: 'bash', toolCallId: 'call_1', input: {command: 'npm ci'}}, {cwd: '/repo', ...context}),
		answer: (value: object) => writeFileSync(path.join(folder, 'answer'), JSON.stringify(value)),
		calls,
		[Symbol.dispose]() {
			// Lets go of whatever still waits for it.
			writeFileSync(path.join(folder, 'answer'), '{}');
			rmSync(folder, {recursive: true, force: true, maxRetries: 5});
		},
	};
};

/** A screen whose dialog stays until it is answered or taken away. */
const openScreen = () => {
	let choose: (choice: string | undefined) => void = () => {};
	let title = '';
	let wasTakenAway = false;
	return {
		choose: (choice: string) => choose(choice),
		title: () => title,
		wasTakenAway: () => wasTakenAway,
		context: {
			hasUI: true,
			ui: {
				select: (asked: string, _choices: readonly string[], {signal}: {signal: AbortSignal}) =>
					new Promise<string | undefined>(resolve => {
						title = asked;
						choose = resolve;
						signal.addEventListener('abort', () => {
							wasTakenAway = true;
							resolve(undefined);
						});
					}),
			},
		},
	};
};

describe('pi’s extension', () => {
	test('lets a call through that the coordinator allows', async () => {
		using pi = await loadExtension();
		const asked = pi.call();
		await expect.poll(pi.calls, waitMs).toHaveLength(1);
		expect(pi.calls()[0]).toEqual({
			isTelling: false,
			event: {event: 'tool_call', id: 'call_1', tool: 'bash', input: {command: 'npm ci'}, cwd: '/repo'},
		});
		pi.answer({allow: true});
		expect(await asked).toBeUndefined();
	});

	test('blocks what the coordinator denies, with the reason', async () => {
		using pi = await loadExtension();
		pi.answer({allow: false, reason: 'not on Fridays'});
		expect(await pi.call()).toEqual({block: true, reason: 'not on Fridays'});
	});

	test.each([{}, {allow: 'yes'}, {allow: 1}])('blocks when the coordinator says %j and there is no screen', async answer => {
		using pi = await loadExtension();
		pi.answer(answer);
		expect(await pi.call()).toMatchObject({block: true, reason: expect.stringContaining('Nobody was there to answer')});
	});

	test('blocks when the hook cannot be run and there is no screen', async () => {
		using pi = await loadExtension(['/nonexistent/agentctl']);
		expect(await pi.call()).toMatchObject({block: true});
	});

	test('the coordinator’s answer takes the dialog away', async () => {
		using pi = await loadExtension();
		const screen = openScreen();
		const asked = pi.call(screen.context);
		await expect.poll(screen.title, waitMs).toBe('Allow bash? {"command":"npm ci"}');
		pi.answer({allow: true});
		expect(await asked).toBeUndefined();
		expect(screen.wasTakenAway()).toBe(true);
	});

	test.each([
		['Allow', undefined],
		['Deny', {block: true, reason: 'The operator denied this on the screen.'}],
	])('%s on the screen wins, and the coordinator is told', async (choice, answer) => {
		using pi = await loadExtension();
		const screen = openScreen();
		const asked = pi.call(screen.context);
		await expect.poll(() => pi.calls().length, waitMs).toBe(1);
		screen.choose(choice);
		expect(await asked).toEqual(answer);
		await expect.poll(pi.calls, waitMs).toContainEqual({isTelling: true, event: {event: 'permission_resolved', id: 'call_1'}});
	});

	test('a screen still decides when no coordinator answers', async () => {
		using pi = await loadExtension(['/nonexistent/agentctl']);
		const screen = openScreen();
		const asked = pi.call(screen.context);
		await expect.poll(screen.title, waitMs).not.toBe('');
		screen.choose('Allow');
		expect(await asked).toBeUndefined();
	});

	test('reading needs no leave, and turns are told with what they used', async () => {
		using pi = await loadExtension();
		expect(await pi.on('tool_call', {toolName: 'read', toolCallId: 'call_2', input: {}})).toBeUndefined();
		const sessionManager = {getSessionId: () => 'thread-1'};
		await pi.on('turn_end', {message: {usage: {input: 100, output: 7}}}, {sessionManager});
		await expect
			.poll(pi.calls, waitMs)
			.toEqual([{isTelling: true, event: {event: 'turn_end', thread: 'thread-1', usage: {input: 100, output: 7}}}]);
	});
});
