import {once} from 'node:events';
import process from 'node:process';
import {serveStdio} from '@modelcontextprotocol/server/stdio';
import {createClient} from '../ctl/client.js';
import {createFlags, parseFlags} from '../ctl/flags.js';
import {persist} from '../ctl/persist.js';
import {findServer} from '../ctl/server.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {createMcpServer} from '../gateway/mcp-server.js';
import {packageVersion} from '../package-version.js';

const help = `
  Usage
    $ agent-tui mcp [--state-dir DIR] [--url URL] [--auth-token T]

  Speaks the Model Context Protocol on its standard input and output: the verbs of agentctl as tools for agents.
  Inside an agent it needs nothing: the coordinator and the token are those the agent was started with.
`;

/** `agent-tui mcp`: tools over standard input and output until that is closed. Rejects with a sentence when there is no token to use. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {words, given} = parseFlags(args);
	if (given.has('help')) {
		process.stdout.write(help);
		return exitCodes.ok;
	}

	if (words.length > 0) {
		throw new ExpectedError(`agent-tui mcp does not take ${JSON.stringify(words[0])}.`, {exitCode: exitCodes.usage});
	}

	const {env} = process;
	const {place, token} = findServer(createFlags(given), {env, project: process.cwd()});
	const version = packageVersion();
	const client = createClient({place, token: token(), version});
	const ownRunId = env['AGENT_TUI_RUN_ID'];
	const isExpected = ownRunId !== undefined;
	// What is asked carries a key of its own, so that asking a coordinator that was restarted meanwhile does nothing twice.
	const server = serveStdio(() =>
		createMcpServer({
			ownRunId,
			version,
			call: request => persist(() => client.call({...request, quietMs: 0}), {isExpected, signal: request.signal}),
		}),
	);
	await once(process.stdin, 'close');
	await server.close();
	return exitCodes.ok;
};
