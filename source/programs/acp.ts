import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import os from 'node:os';
import process from 'node:process';
import {Readable, Writable} from 'node:stream';
import {type ClientContext, client, methods, ndJsonStream, PROTOCOL_VERSION} from '@agentclientprotocol/sdk';
import {askingMode, type ModeChoice} from '../acp/asking-mode.js';
import {type Conversation, createConversation} from '../acp/conversation.js';
import {createTranscript, type Transcript} from '../acp/transcript.js';
import {ExpectedError, exitCodes, systemErrorCode} from '../errors.js';
import {packageVersion} from '../package-version.js';
import {type Fields, fieldsOf, textOf} from '../untrusted-json.js';
import {openDoor} from './acp-door.js';
import {readPrompts} from './acp-prompt.js';
import {readFlags} from './flags.js';

const help = `
  Usage
    $ agent-tui acp [options] -- PROGRAM [ARG…]

  Talks to an agent that speaks the Agent Client Protocol on its standard input and output, in this terminal. What it asks goes to
  the operator of agent-tui.

  Options
    --prompt-file FILE   the first prompt
    --resume ID          go on with this session, where the agent can
    --mode ID            the agent's own mode to set; without it, one that asks where its own would decide by itself
`;

const endGraceMs = 3000;

type Flags = {readonly promptFile?: string | undefined; readonly resume?: string | undefined; readonly mode?: string | undefined};

const startAgent = ([file = '', ...args]: readonly string[]): ChildProcess => spawn(file, args, {stdio: ['pipe', 'pipe', 'inherit']});

const streamOf = ({stdin, stdout}: ChildProcess) =>
	ndJsonStream(Writable.toWeb(stdin!), Readable.toWeb(stdout!) as ReadableStream<Uint8Array>);

/** Opens the session: the one asked for where the agent can load it, else a new one. */
const openSession = async (
	agent: ClientContext,
	capabilities: Fields,
	{resume, conversation, transcript}: {resume: string | undefined; conversation: Conversation; transcript: Transcript},
): Promise<{readonly sessionId: string; readonly answer: Fields}> => {
	const place = {cwd: process.cwd(), mcpServers: []};
	if (resume !== undefined && capabilities['loadSession'] === true) {
		try {
			const load = () => agent.request(methods.agent.session.load, {...place, sessionId: resume});
			return {sessionId: resume, answer: fieldsOf(await conversation.replaying(load))};
		} catch (error) {
			transcript.note(`the agent could not go on with session ${resume}: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	const answer = fieldsOf(await agent.request(methods.agent.session.new, place));
	const sessionId = textOf(answer['sessionId']);
	if (sessionId === undefined) {
		throw new ExpectedError('Could not open a session: the agent gave it no id.');
	}

	return {sessionId, answer};
};

const setMode = async (agent: ClientContext, sessionId: string, {modeId, note}: ModeChoice, transcript: Transcript): Promise<void> => {
	if (modeId !== undefined) {
		await agent.request(methods.agent.session.setMode, {sessionId, modeId});
	}

	if (note !== undefined) {
		transcript.note(note);
	}
};

const converse = async (agent: ClientContext, flags: Flags, conversation: Conversation, transcript: Transcript): Promise<void> => {
	const {agentCapabilities, agentInfo} = await agent.request(methods.agent.initialize, {
		protocolVersion: PROTOCOL_VERSION,
		clientInfo: {name: 'agent-tui', version: packageVersion()},
		clientCapabilities: {fs: {readTextFile: false, writeTextFile: false}, terminal: false},
	});
	const {resume, mode} = flags;
	const {sessionId, answer} = await openSession(agent, fieldsOf(agentCapabilities), {resume, conversation, transcript});
	await setMode(agent, sessionId, askingMode(answer, mode), transcript);
	transcript.note(`session ${sessionId}`);
	conversation.begin(agent, {sessionId, agentName: agentInfo?.name ?? ''});
};

const connectTo = (child: ChildProcess, conversation: Conversation) =>
	client({name: 'agent-tui'})
		.onRequest(methods.client.session.requestPermission, fieldsOf, ({params}) => conversation.onPermission(params))
		.onNotification(methods.client.session.update, fieldsOf, ({params}) => conversation.onUpdate(params))
		.connect(streamOf(child));

/** Ends the agent: its input is closed first, which is how it is asked to go; then a signal. */
const end = async (child: ChildProcess): Promise<void> => {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
		return;
	}

	const exited = once(child, 'exit');
	child.stdin?.end();
	const timers = [setTimeout(() => child.kill('SIGTERM'), endGraceMs), setTimeout(() => child.kill('SIGKILL'), 2 * endGraceMs)];
	await exited;
	for (const timer of timers) {
		clearTimeout(timer);
	}
};

/** Resolves with how the agent ended. */
const endOf = (child: ChildProcess, file: string): Promise<number> =>
	new Promise(resolve => {
		child.once('error', error => {
			const why = systemErrorCode(error) === 'ENOENT' ? 'it was not found' : error.message;
			process.stderr.write(`Could not start ${file}: ${why}.\r\n`);
			resolve(127);
		});
		child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0)));
	});

/** `agent-tui acp`: the terminal of an agent that has none of its own. Exits as the agent does. */
export const main = async (args: readonly string[]): Promise<number> => {
	const split = args.indexOf('--');
	const argv = split < 0 ? [] : args.slice(split + 1);
	const {flags} = readFlags(split < 0 ? args : args.slice(0, split), help, {
		promptFile: {type: 'string'},
		resume: {type: 'string'},
		mode: {type: 'string'},
	});
	if (argv[0] === undefined) {
		throw new ExpectedError('No agent to talk to was given.', {hint: 'Give its program behind --.', exitCode: exitCodes.usage});
	}

	const first = flags.promptFile === undefined ? '' : readFileSync(flags.promptFile, 'utf8');
	const transcript = createTranscript(text => process.stdout.write(text));
	const child = startAgent(argv);
	const ended = endOf(child, argv[0]);
	const leave = () => void end(child);
	const conversation = createConversation({
		door: openDoor(process.env, process.cwd()),
		transcript,
		cwd: process.cwd(),
		onIdle: () => input.showPrompt(),
	});
	const input = readPrompts({onPrompt: conversation.prompt, onInterrupt: conversation.cancel, onEnd: leave});
	process.on('SIGTERM', leave).on('SIGHUP', leave);
	if (first !== '') {
		conversation.prompt(first);
	}

	const connection = connectTo(child, conversation);
	converse(connection.agent, flags, conversation, transcript).catch((error: unknown) => {
		transcript.note(`the agent could not be talked to: ${error instanceof Error ? error.message : String(error)}`);
		leave();
	});
	const exitCode = await ended;
	conversation.end();
	input.close();
	return exitCode;
};
