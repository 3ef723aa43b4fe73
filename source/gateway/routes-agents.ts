import type {FastifyInstance} from 'fastify';
import * as answers from './answers.js';
import type {GatewayContext} from './context.js';
import {route} from './route.js';

/** The agents that can be started, and which of their programs are installed in which version. */
export const agentRoutes = (app: FastifyInstance, {orchestrator, probeAgents}: GatewayContext): void => {
	const about = {
		summary: 'Lists the agents that can be started, with the version of each program that is installed',
		tag: 'fleet',
		answer: answers.agents,
	} as const;
	route(app, 'GET /agents', about, async () => {
		const probed = new Map((await probeAgents()).map(program => [program.name, program]));
		const {agents} = orchestrator.getState();
		return {
			agents: Object.values(agents).map(({name, adapter, description, provider, tags, policy}) => {
				const program = probed.get(adapter);
				return {
					name,
					adapter,
					description,
					provider: provider ?? null,
					tags: tags ?? [],
					policy: policy ?? null,
					file: program?.file ?? null,
					version: program?.version ?? null,
					why: program?.why ?? null,
				};
			}),
		};
	});
};
