import {Validator} from '@seriousme/openapi-schema-validator';
import {describe, expect, test} from 'vitest';
import {createAgentWaits} from '../../source/gateway/agent-waits.js';
import {createApp} from '../../source/gateway/app.js';
import {createAskers} from '../../source/gateway/askers.js';
import {createChecker, documentOf, operationsOf} from '../helpers/document.js';
import {createMemoryOrchestrator} from '../helpers/memory-orchestrator.js';
import {openGateway} from '../helpers/open-gateway.js';

/** What the server itself says it answers, read from its own picture of its routes: `GET /runs/{id}`. */
const routesOf = async (): Promise<readonly string[]> => {
	const {orchestrator} = await createMemoryOrchestrator();
	const log = () => {};
	const caller = {actor: {role: 'operator', name: 'ada'}} as const;
	const app = await createApp(
		{
			orchestrator,
			launcher: () => undefined,
			readFacts: async function* () {},
			project: '/',
			version: '0',
			startedAtMs: 0,
			log,
			askers: createAskers({orchestrator, graceMs: 0, log}),
			waits: createAgentWaits({orchestrator, log}),
			closing: new AbortController().signal,
			callerOf: () => caller,
			socketPath: '/nowhere',
			hooksOf: () => undefined,
			probeAgents: async () => [],
		},
		{checkOrigin() {}, admit: () => caller, checkRate() {}, callers: new WeakMap()},
	);
	const path: string[] = [];
	const found: string[] = [];
	for (const line of app.printRoutes({commonPrefix: false}).split('\n')) {
		const parts = /^((?:│ {3}| {4})*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line);
		if (parts) {
			const [, indent = '', part = '', methods] = parts;
			path.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
			const whole = path.join('').replaceAll(/:(\w+)/g, '{$1}');
			found.push(...(methods?.split(', ') ?? []).map(method => `${method} ${whole}`));
		}
	}

	await app.close();
	return found.sort();
};

describe('the document of the interface', () => {
	test('it is OpenAPI 3.1, and every reference in it leads somewhere', async () => {
		await using gateway = await openGateway();
		const document = await documentOf(gateway);
		const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
		expect(result.errors).toBeUndefined();
		expect([result.valid, document.openapi]).toEqual([true, '3.1.1']);
		const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
		expect(references.length).toBeGreaterThan(100);
		expect(references.filter(name => !Object.hasOwn(document.components.schemas, name))).toEqual([]);
		expect(JSON.stringify(document)).not.toContain('$defs');
	});

	test('every route of the server stands in it, and nothing else', async () => {
		await using gateway = await openGateway();
		const routes = await routesOf();
		expect(routes.length).toBeGreaterThan(30);
		expect(
			operationsOf(await documentOf(gateway))
				.map(([name]) => name)
				.sort(),
		).toEqual(routes);
	});

	test('every operation tells its parameters, its answer and what a refusal looks like', async () => {
		await using gateway = await openGateway();
		const operations = operationsOf(await documentOf(gateway));
		for (const [name, {summary, parameters, responses}] of operations) {
			expect(summary, name).toMatch(/^[A-Z].+[^.]$/);
			const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, part]) => part);
			expect(
				parameters.filter(one => one.in === 'path').map(one => one.name),
				name,
			).toEqual(inPath);
			expect(
				Object.keys(responses).filter(code => code.startsWith('2')),
				name,
			).toHaveLength(1);
			expect(responses['500'], name).toBeDefined();
		}

		const ids = operations.map(([, operation]) => (operation as unknown as {operationId: string}).operationId);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('it needs a token, as everything but the health does', async () => {
		await using gateway = await openGateway();
		expect((await gateway.http({path: '/openapi.json', token: undefined})).status).toBe(401);
		const open = operationsOf(await documentOf(gateway)).filter(([, {responses}]) => !responses['401']);
		expect(open.map(([name]) => name)).toEqual(['GET /health']);
	});
});

describe('what is really sent and answered', () => {
	test('requests and answers are as the document has them', async () => {
		await using gateway = await openGateway();
		const check = createChecker(await documentOf(gateway));
		const parent = await gateway.live();
		const asks = async (method: 'GET' | 'POST', pattern: string, ids: Record<string, string> = {}, body?: object) => {
			const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name]!));
			const {status, json} = await gateway.http({method, path, ...(body && {body})});
			const name = `${method} ${pattern} ${status}: ${JSON.stringify(json)}`;
			expect(body && check.whyNotBody(method, pattern, body), name).toBeUndefined();
			expect(check.whyNotAnswer(method, pattern, status, json), name).toBeUndefined();
			return {status, json};
		};

		const made = (await asks('POST', '/sessions', {}, {agent: 'shell', text: 'x', tags: ['a'], lane: 'low', idempotency_key: 'k'})).json;
		const {id} = made.session;
		const queued = await asks('POST', '/sessions/{id}/messages', {id}, {text: 'more', depends_on: [made.run.id], demands: [], retry: true});
		await asks('POST', '/runs', {}, {session_id: id, text: 'again', deadline_at_ms: 9e12});
		await asks('POST', '/runs/{id}/spawn', {id: parent.runId}, {task: 'dig', on_parent_success: 'cancel'});
		await asks('POST', '/runs/{id}/reply-parent', {id: parent.runId}, {text: 'hm', request_kind: 'notice'});
		for (const path of ['/sessions', '/queue', '/dead-letters', '/escalations', '/health', '/daemon/status', '/launchers', '/limits']) {
			expect((await asks('GET', path)).status, path).toBe(200);
		}

		for (const path of ['/breakers', '/providers', '/alerts', '/openapi.json']) {
			expect((await asks('GET', path)).status, path).toBe(200);
		}

		const run = queued.json.run.id;
		for (const path of ['/runs/{id}', '/runs/{id}/diagnose', '/sessions/{id}', '/sessions/{id}/events']) {
			expect((await asks('GET', path, {id: path.startsWith('/runs') ? run : id})).status, path).toBe(200);
		}

		await asks('POST', '/runs/{id}/transition', {id: run}, {to: 'succeeded'});
		await asks('POST', '/breakers/{key}/trip', {key: 'agent:shell'}, {});
		expect((await asks('GET', '/runs/{id}', {id: 'run_unknown'})).status).toBe(404);
		expect((await asks('POST', '/runs/{id}/cancel', {id: run}, {})).status).toBe(200);
		const waited = await gateway.http({path: `/runs/${run}/wait?timeout_s=1`});
		expect(check.whyNotAnswer('GET', '/runs/{id}/wait', 200, waited.json)).toBeUndefined();
	});

	test('what the document forbids is refused', async () => {
		await using gateway = await openGateway();
		const check = createChecker(await documentOf(gateway));
		const wrong: ReadonlyArray<readonly [path: string, body: object]> = [
			['/sessions', {agent: 7}],
			['/sessions', {lane: 'fast'}],
			['/sessions', {parent_run_id: 'ses_x'}],
			['/sessions', {depends_on: 'run_x'}],
			['/runs', {}],
			['/runs', {text: 'x', mode: 'shout'}],
		];
		for (const [path, body] of wrong) {
			expect(check.whyNotBody('POST', path, body), JSON.stringify(body)).toBeDefined();
			const {status, json} = await gateway.http({path, body});
			expect([status, json.error.code], JSON.stringify(body)).toEqual([400, 'MALFORMED']);
			expect(check.whyNotAnswer('POST', path, 400, json)).toBeUndefined();
		}
	});
});
