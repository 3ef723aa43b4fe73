import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {Client, StreamableHTTPClientTransport} from '@modelcontextprotocol/client';
import {StdioClientTransport} from '@modelcontextprotocol/client/stdio';
import type {LiveRun, TestGateway} from './open-gateway.js';
import {agentEnv} from './run-ctl.js';
import {compiledFile} from './store-compiled.js';

/** What a tool said. */
export type ToolAnswer = {
	readonly isError: boolean;
	readonly text: string;
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
	readonly data: any;
};

const wrap = (client: Client) => ({
	client,
	async call(name: string, args: Record<string, unknown> = {}): Promise<ToolAnswer> {
		const {isError, content, structuredContent} = await client.callTool({name, arguments: args}, {timeout: 60_000});
		const [first] = content as ReadonlyArray<{readonly text?: string}>;
		return {isError: isError === true, text: first?.text ?? '', data: structuredContent};
	},
	[Symbol.asyncDispose]: () => client.close(),
});

export type McpClient = ReturnType<typeof wrap>;

const newClient = () => new Client({name: 'test', version: '1'});

/** The library's own client over the standard input and output of a real process, started as an agent would start it. */
export const mcpOverStdio = async (gateway: TestGateway, run: LiveRun): Promise<McpClient> => {
	const client = newClient();
	const cli = fileURLToPath(compiledFile('cli.js'));
	const env = {...agentEnv(gateway, run), PATH: process.env['PATH'] ?? ''} as Record<string, string>;
	await client.connect(new StdioClientTransport({command: process.execPath, args: [cli, 'mcp'], env}));
	return wrap(client);
};

/** The same over HTTP on 127.0.0.1, with a bearer token. */
export const mcpOverHttp = async (gateway: TestGateway, token: string): Promise<McpClient> => {
	const client = newClient();
	const url = new URL(`http://127.0.0.1:${gateway.port()}/mcp`);
	await client.connect(new StreamableHTTPClientTransport(url, {requestInit: {headers: {authorization: `Bearer ${token}`}}}));
	return wrap(client);
};
