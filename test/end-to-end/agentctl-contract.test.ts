import {chmodSync, writeFileSync} from 'node:fs';
import {createServer, request as httpRequest} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {WebSocket} from 'ws';
import {type Agentd, freePort, linesOf, openAgentd, soon} from '../helpers/agentd.js';
import {http, openHttp} from '../helpers/http.js';

/** A Codex that only notes what it is told and then stays, as a screen does; it has no server to offer. */
const codex = `#!/bin/sh
for word; do [ "$word" = app-server ] && exit 64; done
printf '%s\\n' "$@" > codex.argv
exec sleep 1000
`;

const configured = ['--codex-profile', 'work', '--codex-extra-arg=--search', '--codex-extra-arg', '-c', '--codex-extra-arg', 'model=o9'];

let agentd: Agentd;
let port: number;
const url = (): string => `http://127.0.0.1:${port}`;

beforeAll(async () => {
	port = await freePort();
	agentd = await openAgentd({
		args: ['--port', String(port), '--auth-token', 'tok-flag-1', '--auth-token=tok-flag-2', ...configured],
		env: {AGENTD_AUTH_TOKEN: 'tok-env-1', AGENTD_AUTH_TOKENS: 'tok-env-2, tok-env-3'},
		programs: {codex},
	});
});

afterAll(async () => {
	await agentd[Symbol.asyncDispose]();
});

const bare = async (...words: readonly string[]): Promise<string> => {
	const {exitCode, stdout, stderr} = await agentd.agentctl(...words);
	expect(exitCode, stderr).toBe(0);
	expect(stdout).toMatch(/^[^\n]*\n$/);
	return stdout.trimEnd();
};

/** A shell agent's script, beside the project's files. */
const script = (name: string, lines: readonly string[]): string => {
	const file = agentd.file(name);
	writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
	chmodSync(file, 0o755);
	return `./${name}`;
};

/** One line of numbers that a script left behind when it was done. */
const told = async (name: string): Promise<readonly string[]> => {
	await vi.waitUntil(() => linesOf(agentd.file(name)).at(-1) === 'done', soon);
	return linesOf(agentd.file(name)).slice(0, -1);
};

describe('the daemon', () => {
	test('tells its status, whole and by the field', async () => {
		const {json} = await agentd.agentctl('daemon', 'status');
		expect(json).toMatchObject({
			daemon_health: 'ok',
			alive_workers: 1,
			max_concurrency: 4,
			queue_counts: {queued_count: expect.any(Number)},
		});
		expect(await bare('--field', 'queue_counts.queued_count', 'daemon', 'status')).toBe('0');
		expect(await bare('--field', 'alive_workers', 'daemon', 'status')).toBe('1');
		const compact = await agentd.agentctl('--format', 'json', 'daemon', 'status');
		expect(compact.stdout).toBe(`${JSON.stringify(compact.json)}\n`);
	});

	test('takes flags only, and says what is wrong with them', async () => {
		for (const [words, said] of [
			[['daemon', 'status'], /status/],
			[['daemon', '--max-concurrency', '0'], /--max-concurrency must be a whole number above 0/],
			[['daemon', '--port', 'http'], /--port/],
			[['daemon', '--no-such-flag'], /no-such-flag/i],
		] as const) {
			const {exitCode, stderr} = await agentd.call([...words], {AGENT_TUI_HOME: path.join(agentd.root, 'other')});
			expect([words, exitCode]).toEqual([words, 2]);
			expect(stderr).toMatch(said);
		}
	});
});

describe('sessions, messages and runs', () => {
	test('a session of the default agent, Codex, is made; codex runs as it was configured', async () => {
		const sessionId = await bare('--field', 'session.id', 'session', 'create');
		expect(await bare('--field', 'session.agent', 'session', 'show', '--session-id', sessionId)).toBe('codex');
		const runId = await bare('--field', 'run.id', 'message', 'send', '--session-id', sessionId, '--text', 'look around');
		await agentd.becomes(runId, 'running');
		await vi.waitUntil(() => linesOf(agentd.file('codex.argv')).includes('look around'), soon);
		expect(linesOf(agentd.file('codex.argv')).join(' ')).toMatch(/--profile work --search -c model=o9.* -- look around$/);
		expect(await bare('--field', 'diagnostics.codex_invocation.profile', 'run', 'diagnose', '--run-id', runId)).toBe('work');
		const extra = await bare('--field', 'diagnostics.codex_invocation.extra_args', 'run', 'diagnose', '--run-id', runId);
		expect(JSON.parse(extra)).toEqual(['--search', '-c', 'model=o9']);
		expect((await agentd.agentctl('run', 'cancel', '--run-id', runId)).exitCode).toBe(0);
		await agentd.becomes(runId, 'cancelled');
	});

	test('a message is sent once: the same key gives the same bytes, another body is a conflict', async () => {
		const sessionId = await bare('--field', 'session.id', 'session', 'create', '--agent', 'shell');
		const send = (text: string) =>
			agentd.agentctl('message', 'send', '--session-id', sessionId, '--text', text, '--idempotency-key', 'key-1');
		const [first, second] = [await send('true'), await send('true')];
		expect(first.exitCode).toBe(0);
		expect(second).toEqual(first);
		const other = await agentd.agentctl(
			...['--format', 'json', 'message', 'send', '--session-id', sessionId, '--text', 'false', '--idempotency-key', 'key-1'],
		);
		expect([other.exitCode, other.json.error.code]).toEqual([1, 'IDEMPOTENCY_CONFLICT']);
		expect((await agentd.told('run', 'wait', '--run-id', first.json.run.id)).run.state).toBe('succeeded');
		expect((await agentd.told('session', 'show', '--session-id', sessionId)).runs).toHaveLength(1);
	});

	test('a wait tells success, failure and its own end apart, and changes nothing', async () => {
		const {runId, sessionId} = await agentd.run('until [ -e wait-go ]; do sleep 0.1; done');
		await agentd.becomes(runId, 'running');
		const tooShort = await agentd.agentctl('--format', 'json', 'run', 'wait', '--run-id', runId, '--timeout-s', '0.3');
		expect([tooShort.exitCode, tooShort.json.error.code]).toEqual([124, 'TIMED_OUT']);
		expect(await agentd.stateOf(runId)).toBe('running');
		const waiting = agentd.agentctl('run', 'wait', '--run-id', runId);
		writeFileSync(agentd.file('wait-go'), '');
		expect(await waiting).toMatchObject({exitCode: 0, json: {done: true, run: {id: runId, state: 'succeeded'}}});
		const failing = await bare('--field', 'run.id', 'message', 'send', '--session-id', sessionId, '--text', 'exit 3');
		expect(await agentd.agentctl('run', 'wait', failing)).toMatchObject({exitCode: 1, json: {run: {state: 'failed', exit_code: 3}}});
	});

	test('diagnose has every field, at both places, while a run runs and while it is queued', async () => {
		const {runId, sessionId} = await agentd.run('exec sleep 1000');
		await agentd.becomes(runId, 'running');
		const queued = (await agentd.ask({path: `/sessions/${sessionId}/messages`, body: {text: 'true'}})).json.run.id;
		const names = ['worker_id', 'worker_alive', 'alive_workers', 'max_concurrency', 'queue_position', 'likely_issue', 'active_pid'];
		const live = await agentd.told('run', 'diagnose', '--run-id', runId);
		for (const name of [...names, 'queue_counts', 'codex_invocation']) {
			expect(live.diagnostics, name).toHaveProperty(name);
			expect(live[name]).toEqual(live.diagnostics[name]);
		}

		expect(live.diagnostics).toMatchObject({worker_alive: true, alive_workers: 1, max_concurrency: 4, queue_position: null});
		expect(linesOf(`/proc/${live.active_pid}/cmdline`)[0]).toContain('sleep');
		expect(live.diagnostics.worker_id).toBe((await agentd.told('launcher', 'list')).launchers[0].id);
		const waiting = await agentd.told('run', 'diagnose', queued);
		expect(waiting.diagnostics).toMatchObject({queue_position: 1, queue_counts: {queued_count: 1}, active_pid: null});
		expect(waiting.diagnostics.likely_issue).toContain(runId);
		expect(await bare('--field', 'diagnostics.queue_counts.queued_count', 'run', 'diagnose', '--run-id', queued)).toBe('1');
		await agentd.told('session', 'stop', '--session-id', sessionId);
		await agentd.becomes(runId, 'cancelled');
	});
});

describe('events', () => {
	test('are listed page by page, and followed as they come', async () => {
		const {runId, sessionId} = await agentd.run('true');
		await agentd.told('run', 'wait', runId);
		const {events, next_cursor: cursor} = await agentd.told('events', 'list', '--session-id', sessionId);
		expect(events.map(({type}: {type: string}) => type)).toEqual(
			expect.arrayContaining(['session.created', 'run.queued', 'run.starting', 'run.running', 'run.ended']),
		);
		expect((await agentd.told('events', 'list', '--session-id', sessionId, '--cursor', String(cursor))).events).toEqual([]);
		const tail = await agentd.agentctl('events', 'tail', '--session-id', sessionId);
		expect(tail).toMatchObject({exitCode: 0, stdout: expect.stringMatching(/run\.ended/)});
		const follower = agentd.follow('--format', 'json', 'events', 'tail', '--session-id', sessionId, '--follow');
		await vi.waitUntil(() => follower.stdout().includes('run.ended'), soon);
		const next = await bare('--field', 'run.id', 'message', 'send', '--session-id', sessionId, '--text', 'true');
		const seen = () =>
			follower
				.stdout()
				.split('\n')
				.slice(0, -1)
				.map(line => JSON.parse(line));
		await vi.waitUntil(() => seen().some(({type, run_id: id}) => type === 'run.ended' && id === next), soon);
		const seqs = seen().map(({seq}) => seq);
		expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
		await follower.stop();
	});
});

describe('the tools of agents', () => {
	test('inside an agent they know its run: spawn, wait, send, ask and be answered', async () => {
		const text = script('inside.sh', [
			'spawn() { agentctl tool session-spawn --task "echo hi" --label kid --idempotency-key kid --field "$1"; }',
			'run=$(spawn run.id); session=$(spawn session.id)',
			'agentctl tool session-wait --run-id "$run" >/dev/null; wait=$?',
			'agentctl tool session-send --session-id "$session" --text "exit 5" --field run.id > sent',
			'agentctl tool session-wait --run-id "$(cat sent)" >/dev/null; failed=$?',
			'agentctl tool session-reply-parent --text "done so far" --request-kind notice >/dev/null; notice=$?',
			'ask() { agentctl --format json tool session-reply-parent --text "$1" --request-kind "$2" --idempotency-key "$1" --wait > "$1.json"; }',
			'ask one approval_request; approved=$?',
			'ask two permission_request; denied=$?',
			'ask three question; answered=$?',
			'printf "%s\\n" "$run $(spawn run.id)" "$wait $failed $notice $approved $denied $answered" done > inside.out',
		]);
		const {runId, sessionId} = await agentd.run(text, {label: 'parent'});
		const open = async () => (await agentd.told('escalation', 'list', '--session-id', sessionId)).escalations;
		for (const [asked, decision] of [
			['one', ['--choice', 'approve']],
			['two', ['--choice', 'deny', '--text', 'not today']],
			['three', ['--choice', 'answer', '--text', 'forty-two']],
		] as const) {
			await expect.poll(async () => (await open()).map((one: {text: string}) => one.text), soon).toContain(asked);
			const {id, fingerprint, word} = (await open()).find((one: {text: string}) => one.text === asked);
			const words = word === undefined ? [] : ['--word', word];
			await agentd.told('escalation', 'decide', '--escalation-id', id, ...decision, '--fingerprint', fingerprint, ...words);
		}

		const [runs, codes] = await told('inside.out');
		expect(runs).toMatch(/^(run_\S+) \1$/);
		expect(codes).toBe('0 1 0 0 10 0');
		expect(JSON.parse(linesOf(agentd.file('two.json')).join(''))).toMatchObject({state: 'answered', choice: 'deny', text: 'not today'});
		expect(JSON.parse(linesOf(agentd.file('three.json')).join(''))).toMatchObject({choice: 'answer', text: 'forty-two'});
		expect((await agentd.told('run', 'wait', runId)).run.state).toBe('succeeded');
	});

	test('from outside they take ids: a child asks, its parent’s events show it, and text goes back', async () => {
		const {runId, sessionId} = await agentd.run('exec sleep 1000', {label: 'boss'});
		await agentd.becomes(runId, 'running');
		const spawn = () =>
			agentd.agentctl(
				...['tool', 'session-spawn', '--parent-run-id', runId, '--agent', 'shell', '--task', 'exec sleep 1000', '--idempotency-key', 'k'],
			);
		const child = await spawn();
		expect(child.json).toMatchObject({session: {id: expect.stringMatching(/^ses_/)}, run: {id: expect.stringMatching(/^run_/)}});
		expect((await spawn()).stdout).toBe(child.stdout);
		const {session, run} = child.json;
		expect((await agentd.told('session', 'show', session.id)).session.parent_id).toBe(sessionId);
		await agentd.becomes(run.id, 'running');
		const reply = (text: string) => [
			...['tool', 'session-reply-parent', '--run-id', run.id, '--text', text],
			...['--request-kind', 'approval_request', '--idempotency-key', 'ask'],
		];
		const asked = await agentd.agentctl(...reply('May I?'));
		expect(asked.exitCode).toBe(0);
		expect((await agentd.agentctl(...reply('May I?'))).stdout).toBe(asked.stdout);
		expect((await agentd.agentctl('--format', 'json', ...reply('May I not?'))).json.error.code).toBe('IDEMPOTENCY_CONFLICT');
		const {events} = await agentd.told('events', 'list', '--session-id', sessionId);
		expect(JSON.stringify(events)).toContain('May I?');
		expect((await agentd.told('session', 'show', sessionId)).messages).toContainEqual(
			expect.objectContaining({role: 'child', text: 'May I?', request_kind: 'approval_request'}),
		);
		const next = await bare('--field', 'run.id', 'tool', 'session-send', '--session-id', session.id, '--text', 'true');
		await agentd.told('run', 'cancel', '--run-id', run.id);
		expect((await agentd.told('tool', 'session-wait', '--run-id', next)).run.state).toBe('succeeded');
		await agentd.told('session', 'stop', '--session-id', sessionId, '--tree');
	});

	test('cancelling a run takes its children with it', async () => {
		const {runId} = await agentd.run("agentctl tool session-spawn --task 'exec sleep 1000' --field run.id > kid.id; exec sleep 1000");
		await vi.waitUntil(() => linesOf(agentd.file('kid.id')).length === 1, soon);
		const kid = linesOf(agentd.file('kid.id'))[0]!;
		await agentd.becomes(kid, 'running');
		await agentd.told('run', 'cancel', '--run-id', runId);
		await agentd.becomes(runId, 'cancelled');
		await agentd.becomes(kid, 'cancelled');
	});
});

describe('what scripts rely on', () => {
	test('exit codes: 2 for what was not understood, 1 for a refusal, 69 for nobody there, also as JSON', async () => {
		const calls = [
			[['sesion', 'create'], 2, 'USAGE'],
			[['run', 'wait'], 2, 'USAGE'],
			[['--field', 'no.such', 'daemon', 'status'], 2, 'USAGE'],
			[['run', 'show', '--run-id', 'run_none'], 1, 'UNKNOWN_RUN'],
			[['session', 'create', '--agent', 'nobody'], 1, 'UNKNOWN_AGENT'],
			[['--state-dir', '/nonexistent/agentd', 'daemon', 'status'], 69, 'UNAVAILABLE'],
			[['--auth-token', 'wrong', 'daemon', 'status'], 1, 'UNAUTHORIZED'],
		] as const;
		const called = await Promise.all(calls.map(([words]) => agentd.agentctl('--format', 'json', ...words)));
		expect(called.map(({exitCode, json}) => [exitCode, json.error.code])).toEqual(calls.map(([, code, name]) => [code, name]));
		expect(called.map(({stderr}) => stderr)).toEqual(calls.map(() => expect.stringMatching(/^agentctl: \S/)));
	});

	test('every token opens the port, by flag and by environment; without one only /health answers', async () => {
		const tokens = ['tok-flag-1', 'tok-flag-2', 'tok-env-1', 'tok-env-2', 'tok-env-3'];
		const calls = tokens.map(token => agentd.agentctl('--url', url(), '--auth-token', token, 'daemon', 'status'));
		expect((await Promise.all(calls)).map(({exitCode, json}) => [exitCode, json?.daemon_health])).toEqual(tokens.map(() => [0, 'ok']));
		const byEnv = await agentd.call(['ctl', '--url', url(), 'daemon', 'status'], {AGENTCTL_AUTH_TOKEN: 'tok-env-2'});
		expect(byEnv.exitCode).toBe(0);
		expect((await http({port}, {path: '/health'})).json).toMatchObject({status: 'ok', name: 'agent-tui'});
		for (const request of [
			{path: '/daemon/status'},
			{path: '/sessions', method: 'POST', body: {}},
			{path: '/stream'},
			{path: '/no-such-thing'},
			{path: '/daemon/status', token: 'wrong'},
		]) {
			const {status, json} = await http({port}, request);
			expect([request.path, status, json.error.code]).toEqual([request.path, 401, 'UNAUTHORIZED']);
		}
	});

	test('over HTTP the same is asked: sessions, messages, spawn, send, wait, transition, stream', async () => {
		const asking = async (path: string, body?: object) => {
			const {status, json} = await http({port}, {path, token: 'tok-flag-2', ...(body && {body})});
			expect([path, Math.floor(status / 100)], JSON.stringify(json)).toEqual([path, 2]);
			return json;
		};
		const {session, run} = await asking('/sessions', {agent: 'shell', cwd: agentd.project, text: 'exec sleep 1000'});
		await agentd.becomes(run.id, 'running');
		const socket = new WebSocket(`ws://127.0.0.1:${port}/stream?sessionId=${session.id}`, {headers: {authorization: 'Bearer tok-env-1'}});
		const heard: string[] = [];
		socket.on('message', data => heard.push(String(data)));
		const child = await asking(`/sessions/${session.id}/spawn`, {task: 'exec sleep 1000'});
		const other = await asking(`/runs/${run.id}/spawn`, {task: 'exec sleep 1000'});
		const queued = await asking(`/sessions/${child.session.id}/messages`, {role: 'user', text: 'true', idempotency_key: 'over-http'});
		expect(await asking(`/sessions/${child.session.id}/messages`, {role: 'user', text: 'true', idempotency_key: 'over-http'})).toEqual(
			queued,
		);
		await asking(`/sessions/${child.session.id}/send`, {text: 'true'});
		await asking('/runs', {session_id: session.id, text: 'true'});
		await asking(`/runs/${child.run.id}/reply-parent`, {text: 'note', request_kind: 'notice'});
		expect(await asking(`/runs/${run.id}/wait?timeout_s=0.2&interval_ms=50`)).toMatchObject({done: false, timed_out: true});
		expect((await asking('/sessions')).sessions).toContainEqual(expect.objectContaining({id: child.session.id, parent_id: session.id}));
		const page = await asking(`/sessions/${session.id}/events?cursor=0&limit=1`);
		expect([page.has_more, page.next_cursor]).toEqual([true, page.events.at(-1).seq]);
		const rest = await asking(`/sessions/${session.id}/events?cursor=${page.next_cursor}`);
		expect(rest.events[0].seq).toBeGreaterThan(page.next_cursor);
		const stream = await openHttp({port}, {path: `/stream?sessionId=${session.id}`, token: 'tok-flag-1', headers: {'last-event-id': '0'}});
		let text = '';
		stream.setEncoding('utf8').on('data', (chunk: string) => {
			text += chunk;
		});
		await asking(`/runs/${run.id}/transition`, {to: 'cancelled'});
		for (const id of [run.id, child.run.id, other.run.id, queued.run.id]) {
			await agentd.becomes(id, 'cancelled');
		}

		await vi.waitUntil(() => /^data: .*run\.ended/m.test(text) && heard.some(data => data.includes('run.ended')), soon);
		stream.destroy();
		socket.close();
	});

	test('web pages get nothing: a foreign Host or Origin is refused, even with the token', async () => {
		const asking = (headers: Readonly<Record<string, string>>) => http({port}, {path: '/daemon/status', token: 'tok-flag-1', headers});
		expect((await asking({})).status).toBe(200);
		expect((await asking({host: `localhost:${port}`})).status).toBe(200);
		for (const headers of [{host: 'evil.example'}, {host: `evil.example:${port}`}, {origin: 'http://evil.example'}, {origin: 'null'}]) {
			expect([headers, (await asking(headers)).json.error?.code]).toEqual([headers, 'FORBIDDEN']);
		}
	});

	test('a client that is newer than its server is told so', async () => {
		// What it asks does not exist yet: the real server answers under a name that it does not know.
		const older = createServer((request, response) => {
			const {headers, method} = request;
			const onward = httpRequest({host: '127.0.0.1', port, method, path: '/of/tomorrow', headers: {...headers, host: `127.0.0.1:${port}`}});
			onward.on('response', answer => {
				response.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.pipe(response);
			});
			onward.end();
		});
		await new Promise<void>(resolve => {
			older.listen(0, '127.0.0.1', resolve);
		});
		const {port: olderPort} = older.address() as AddressInfo;
		const words = ['--url', `http://127.0.0.1:${olderPort}`, '--auth-token', 'tok-flag-1', '--format', 'json', 'daemon', 'status'];
		const {exitCode, stderr, json} = await agentd.agentctl(...words);
		older.close();
		expect([exitCode, json.error.code]).toEqual([1, 'UNKNOWN_ROUTE']);
		expect(stderr).toMatch(/The server \(agent-tui \S+\) does not know this request; this is agentctl \S+\./);
	});
});

test('a profile by the environment, slots by the flag before the configuration; without a profile Codex has the user’s own configuration', async () => {
	await using first = await openAgentd({
		args: ['--max-concurrency', '2', '--codex-extra-arg', '--search'],
		config: {limits: {concurrent: 7}},
		env: {AGENTD_CODEX_PROFILE: 'night'},
		programs: {codex},
	});
	expect((await first.told('daemon', 'status')).max_concurrency).toBe(2);
	const {runId} = await first.run('hello', {agent: 'codex'});
	expect((await first.diagnosisOf(runId)).codex_invocation).toEqual({profile: 'night', extra_args: ['--search']});
	await using second = await openAgentd({programs: {codex}, config: {limits: {concurrent: 7}}});
	expect((await second.told('daemon', 'status')).max_concurrency).toBe(7);
	const plain = await second.run('hello', {agent: 'codex'});
	expect((await second.diagnosisOf(plain.runId)).codex_invocation).toEqual({profile: null, extra_args: []});
	await vi.waitUntil(() => linesOf(second.file('codex.argv')).includes('hello'), soon);
	expect(linesOf(second.file('codex.argv'))).not.toContain('--profile');
});
