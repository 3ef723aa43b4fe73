/**
 * The extension that pi is started with, as the text of the file it loads: pi has no permissions of its own, so every call of a tool
 * that may change something asks here, on the screen and at the coordinator at once, and the first answer wins. When neither is there
 * to answer, the call is blocked. `HOOK_COMMAND` and `FREE_TOOLS` are put in as JSON.
 */
const source = `import {spawn} from 'node:child_process';

const hookCommand = HOOK_COMMAND;
const freeTools = new Set(FREE_TOOLS);

/** Runs the hook command with an event; resolves with what it printed, or undefined. Never rejects. */
const run = (event, {extra = [], signal} = {}) =>
	new Promise(resolve => {
		const [file, ...args] = [...hookCommand, ...extra];
		let output = '';
		let child;
		try {
			child = spawn(file, args, {stdio: ['pipe', 'pipe', 'ignore']});
		} catch {
			resolve(undefined);
			return;
		}

		const leave = () => child.kill('SIGTERM');
		signal?.addEventListener('abort', leave, {once: true});
		if (signal?.aborted) {
			leave();
		}

		child.on('error', () => resolve(undefined));
		child.stdin.on('error', () => {});
		child.stdout.setEncoding('utf8');
		child.stdout.on('data', text => {
			output += text;
		});
		child.on('close', () => {
			signal?.removeEventListener('abort', leave);
			try {
				resolve(JSON.parse(output));
			} catch {
				resolve(undefined);
			}
		});
		child.stdin.end(JSON.stringify(event));
	});

let lastTold = Promise.resolve();

/** Tells one thing after the other, so that none overtakes what came before it. Nobody waits for it. */
const tell = event => {
	lastTold = lastTold.then(() => run(event, {extra: ['--tell']}));
};

const threadOf = ctx => {
	try {
		return ctx?.sessionManager?.getSessionId?.();
	} catch {
		return undefined;
	}
};

const titleOf = event => 'Allow ' + event.toolName + '? ' + JSON.stringify(event.input);

const blocked = reason => ({block: true, reason});

/** Asks on the screen; undefined when there is none, or the question was taken away. */
const askScreen = async (event, ctx, signal) => {
	if (!ctx?.hasUI) {
		return undefined;
	}

	try {
		const choice = await ctx.ui.select(titleOf(event), ['Allow', 'Deny'], {signal});
		if (signal.aborted) {
			return undefined;
		}

		return choice === 'Allow' ? {allow: true} : {allow: false, reason: 'The operator denied this on the screen.'};
	} catch {
		return undefined;
	}
};

/** Asks the coordinator; undefined when nobody decided there. */
const askCoordinator = async (event, ctx, signal) => {
	const call = {event: 'tool_call', id: event.toolCallId, tool: event.toolName, input: event.input, cwd: ctx?.cwd, thread: threadOf(ctx)};
	const answer = await run(call, {signal});
	if (signal.aborted || typeof answer?.allow !== 'boolean') {
		return undefined;
	}

	return {allow: answer.allow === true, reason: typeof answer.reason === 'string' ? answer.reason : 'The operator denied this.'};
};

/** The first answer that is one; undefined when no side gives any. */
const firstAnswer = sides =>
	new Promise(resolve => {
		let open = sides.length;
		for (const [by, side] of sides) {
			void side.then(answer => {
				open -= 1;
				if (answer !== undefined) {
					resolve({by, ...answer});
				} else if (open === 0) {
					resolve(undefined);
				}
			});
		}
	});

const gate = async (event, ctx) => {
	if (freeTools.has(event.toolName)) {
		return undefined;
	}

	const ending = new AbortController();
	const stop = () => ending.abort();
	ctx?.signal?.addEventListener('abort', stop, {once: true});
	const answer = await firstAnswer([
		['screen', askScreen(event, ctx, ending.signal)],
		['coordinator', askCoordinator(event, ctx, ending.signal)],
	]);
	ctx?.signal?.removeEventListener('abort', stop);
	ending.abort();
	if (answer?.by !== 'coordinator') {
		tell({event: 'permission_resolved', id: event.toolCallId});
	}

	if (answer === undefined) {
		return blocked('Nobody was there to answer, so this was not allowed. No person denied it.');
	}

	return answer.allow ? undefined : blocked(answer.reason);
};

export default pi => {
	pi.on('tool_call', async (event, ctx) => {
		try {
			return await gate(event, ctx);
		} catch (error) {
			return blocked('The gate of agent-tui failed: ' + String(error));
		}
	});
	pi.on('session_start', async (_event, ctx) => {
		tell({event: 'session_start', thread: threadOf(ctx)});
	});
	pi.on('agent_start', async (_event, ctx) => {
		tell({event: 'agent_start', thread: threadOf(ctx)});
	});
	pi.on('turn_end', async (event, ctx) => {
		tell({event: 'turn_end', thread: threadOf(ctx), usage: event?.message?.usage});
	});
	pi.on('tool_result', async event => {
		tell({event: 'tool_result', tool: event.toolName, input: event.input});
	});
	pi.on('agent_end', async (_event, ctx) => {
		tell({event: 'agent_end', thread: threadOf(ctx)});
	});
};
`;

/** The extension's file, for a hook command and the tools that need no leave. */
export const piExtension = ({
	hookCommand,
	freeTools,
}: {
	readonly hookCommand: readonly string[];
	readonly freeTools: readonly string[];
}): string => source.replace('HOOK_COMMAND', () => JSON.stringify(hookCommand)).replace('FREE_TOOLS', () => JSON.stringify(freeTools));
