import {spawn} from 'node:child_process';
import process from 'node:process';
import {createInterface} from 'node:readline';
import {type JsonObject, listOf, objectOf, stringOf} from './json-value.js';

/** A permission that an agent asks for. */
export type AcpPermission = {readonly command: string; readonly options: readonly {readonly id: string; readonly kind: string}[]};

/** What one prompt came to. */
export type AcpAnswer = {readonly text: string; readonly stopReason: string; readonly permissions: readonly AcpPermission[]};

const permissionOf = ({toolCall, options}: JsonObject): AcpPermission => ({
	command: stringOf(objectOf(objectOf(toolCall)['rawInput'])['command']),
	options: listOf(options).map(option => ({id: stringOf(objectOf(option)['optionId']), kind: stringOf(objectOf(option)['kind'])})),
});

/** An adapter leaves the agent behind that it has started, which goes on writing to its home. */
const killGroup = (pid: number): void => {
	try {
		process.kill(-pid, 'SIGKILL');
	} catch {
		// Nobody is left.
	}
};

/** An agent that speaks the Agent Client Protocol on its standard input and output; permissions are answered by the option of `kind`. */
export const openAcpAgent = ({
	file,
	args,
	cwd,
	env,
	kind,
}: {
	readonly file: string;
	readonly args: readonly string[];
	readonly cwd: string;
	readonly env: Readonly<Record<string, string>>;
	readonly kind: 'allow_once' | 'reject_once';
}) => {
	const child = spawn(file, [...args], {cwd, env, detached: true, stdio: ['pipe', 'pipe', 'ignore']});
	const exited = new Promise<void>((resolve, reject) => {
		child.on('exit', () => resolve());
		child.on('error', reject);
	});
	const calls = new Map<unknown, {readonly resolve: (result: JsonObject) => void; readonly reject: (error: Error) => void}>();
	const permissions: AcpPermission[] = [];
	let text = '';

	const send = (message: JsonObject) => child.stdin.write(`${JSON.stringify({jsonrpc: '2.0', ...message})}\n`);
	const call = (id: number, method: string, params: JsonObject): Promise<JsonObject> =>
		new Promise((resolve, reject) => {
			calls.set(id, {resolve, reject});
			send({id, method, params});
		});

	const answerRequest = (id: unknown, method: string, params: JsonObject) => {
		if (method !== 'session/request_permission') {
			send({id, error: {code: -32_601, message: 'This client has no such method.'}});
			return;
		}

		const permission = permissionOf(params);
		permissions.push(permission);
		const option = permission.options.find(one => one.kind === kind);
		send({id, result: {outcome: option ? {outcome: 'selected', optionId: option.id} : {outcome: 'cancelled'}}});
	};

	const hear = (message: JsonObject) => {
		const {id, method, result, error} = message;
		const params = objectOf(message['params']);
		const update = objectOf(params['update']);
		if (typeof method === 'string' && id !== undefined) {
			answerRequest(id, method, params);
		} else if (update['sessionUpdate'] === 'agent_message_chunk') {
			text += stringOf(objectOf(update['content'])['text']);
		} else if (error !== undefined) {
			calls.get(id)?.reject(new Error(`The agent refused: ${JSON.stringify(error)}`));
		} else {
			calls.get(id)?.resolve(objectOf(result));
		}
	};

	createInterface({input: child.stdout}).on('line', line => hear(objectOf(JSON.parse(line))));

	return {
		/** Opens a session in the agent's folder, in this mode, and waits until the prompt has been answered. */
		async ask({prompt, modeId}: {readonly prompt: string; readonly modeId: string}): Promise<AcpAnswer> {
			await call(1, 'initialize', {protocolVersion: 1, clientCapabilities: {fs: {}, terminal: false}});
			const {sessionId} = await call(2, 'session/new', {cwd, mcpServers: []});
			await call(3, 'session/set_mode', {sessionId, modeId});
			const {stopReason} = await call(4, 'session/prompt', {sessionId, prompt: [{type: 'text', text: prompt}]});
			return {text, stopReason: stringOf(stopReason), permissions};
		},
		async [Symbol.asyncDispose]() {
			child.kill('SIGTERM');
			await exited;
			killGroup(child.pid!);
		},
	};
};
