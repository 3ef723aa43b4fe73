import type {FastifyRequest} from 'fastify';
import type {Json} from '../../state/json.js';
import type {State} from '../../state/state.js';
import {ask, type GatewayContext, runNamed} from './context.js';
import {RequestError} from './request-error.js';
import {runOptionsOf} from './run-options.js';
import type {SessionBody} from './schemas.js';
import {childFolder, spawnFolder} from './spawn-folder.js';

type ChildBody = Omit<SessionBody, 'parent_run_id'>;

/** What a new session is given beside its agent, folder and parent. */
const detailsOf = ({label, text, tags, on_parent_success: onParentSuccess, ...options}: ChildBody) => ({
	...(label !== undefined && {label}),
	...(text !== undefined && {text}),
	...(tags && {tags}),
	...(onParentSuccess && {onParentSuccess}),
	...runOptionsOf(options),
});

/** The agent of a session that names none: Codex where it is installed, else the first one there is. */
const defaultAgent = ({agents}: State): string => (Object.hasOwn(agents, 'codex') ? 'codex' : (Object.keys(agents)[0] ?? 'codex'));

const checkAgent = ({agents}: State, agent: string): void => {
	if (!Object.hasOwn(agents, agent)) {
		const known = Object.keys(agents).join(', ');
		throw new RequestError(404, 'UNKNOWN_AGENT', `There is no agent ${JSON.stringify(agent)}. Known: ${known}.`);
	}
};

/** Asks for a child of a run. What is not said it has from its parent: the agent and the folder. */
export const createChild = async (
	context: GatewayContext,
	request: FastifyRequest,
	parentRunId: string,
	body: ChildBody,
): Promise<Json> => {
	const {agent, cwd} = body;
	const state = context.orchestrator.getState();
	const parentRun = runNamed(context, request, parentRunId);
	const parent = state.sessions[parentRun.sessionId]!;
	const isAgent = context.callerOf(request).attempt !== undefined;
	const childAgent = agent ?? parent.agent;
	checkAgent(state, childAgent);
	const folder = cwd ?? parent.cwd;
	return ask(context, request, {
		type: 'session.create',
		agent: childAgent,
		cwd: isAgent && cwd !== undefined ? await childFolder(folder, parent.cwd) : await spawnFolder(folder),
		...detailsOf(body),
		parentRunId,
	});
};

/** Asks for a session. An agent's is a child of its own run unless it names another, which is then refused. */
export const createSession = async (context: GatewayContext, request: FastifyRequest, body: SessionBody): Promise<Json> => {
	const {parent_run_id: named, agent, cwd} = body;
	const parentRunId = named ?? context.callerOf(request).attempt?.runId;
	if (parentRunId !== undefined) {
		return createChild(context, request, parentRunId, body);
	}

	const state = context.orchestrator.getState();
	const chosen = agent ?? defaultAgent(state);
	checkAgent(state, chosen);
	return ask(context, request, {
		type: 'session.create',
		agent: chosen,
		cwd: await spawnFolder(cwd ?? context.project),
		...detailsOf(body),
	});
};
