import {randomUUID} from 'node:crypto';
import {McpServer} from '@modelcontextprotocol/server';
import type {Json} from '../../state/json.js';
import {type Tool, type ToolRequest, tools} from './mcp-tools.js';

/**
 * Makes a request to the gateway as the user of the tools. Rejects with an error whose message is a sentence, and whose `code` is the stable
 * name where it has one.
 */
export type CallGateway = (request: ToolRequest & {readonly signal: AbortSignal}) => Promise<Readonly<Record<string, Json | undefined>>>;

/** While a tool waits, its caller hears this often that it is still at it. */
const progressMs = 15_000;

const codeOf = (error: unknown): string =>
	error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';

const refused = (code: string, message: string) => ({
	isError: true,
	content: [{type: 'text' as const, text: `${code}: ${message}`}],
	structuredContent: {error: {code, message}},
});

const register = (server: McpServer, tool: Tool, {call, ownRunId}: {call: CallGateway; ownRunId: string | undefined}): void => {
	const {name, description, input, output, isReading} = tool;
	const annotations = {readOnlyHint: isReading, destructiveHint: false, openWorldHint: false};
	server.registerTool(name, {description, inputSchema: input, outputSchema: output, annotations}, async (asked, {mcpReq}) => {
		const request = tool.request(asked as never, {ownRunId, newKey: randomUUID});
		if (typeof request === 'string') {
			return refused('INVALID', request);
		}

		const token = mcpReq._meta?.progressToken;
		let progress = 0;
		const tellProgress = (): void => {
			progress += 1;
			const params = {progressToken: token!, progress};
			mcpReq.notify({method: 'notifications/progress', params}).catch(() => {});
		};
		const timer = token === undefined ? undefined : setInterval(tellProgress, progressMs);
		try {
			const answer = await call({...request, signal: mcpReq.signal});
			return {content: [{type: 'text' as const, text: tool.say(answer)}], structuredContent: answer};
		} catch (error) {
			return refused(codeOf(error), error instanceof Error ? error.message : String(error));
		} finally {
			clearInterval(timer);
		}
	});
};

/** An MCP server with the verbs for agents, over whatever makes requests to the gateway for it. What it may see is decided there. */
export const createMcpServer = (options: {
	readonly call: CallGateway;
	/** The run of the agent that uses it; `undefined` for an operator. */
	readonly ownRunId: string | undefined;
	readonly version: string;
}): McpServer => {
	const instructions = 'agent-tui runs other agents for you: spawn children, wait for them, talk to them, ask your parent.';
	const server = new McpServer({name: 'agent-tui', version: options.version}, {capabilities: {tools: {}}, instructions});
	for (const tool of tools) {
		register(server, tool, options);
	}

	return server;
};
