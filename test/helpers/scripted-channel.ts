import type {AgentAdapter, AgentAnswer, AgentRequest, ChannelContext} from '../../source/agent-adapter.js';

/** What was asked of a scripted channel. */
export type Given = {readonly requestId: string; readonly answer: AgentAnswer};

/** An adapter whose channel does what the test says: tells what is emitted, keeps what it is answered. */
export const createScriptedAdapter = ({failures = 0}: {failures?: number} = {}) => {
	const answers: Given[] = [];
	const opened: ChannelContext[] = [];
	const waiting = new Set<string>();
	let closed = 0;
	let left = failures;
	const current = (): ChannelContext => opened.at(-1)!;
	const adapter: AgentAdapter = {
		name: 'command',
		passedEnv: [],
		plan: () => ({file: 'true', args: [], env: {}}),
		openChannel(context) {
			if (left > 0) {
				left -= 1;
				throw new Error('it does not open yet');
			}

			opened.push(context);
			return {
				async answer(requestId, answer) {
					answers.push({requestId, answer});
					return waiting.delete(requestId) ? 'taken' : 'gone';
				},
				close() {
					closed += 1;
				},
			};
		},
	};
	return {
		adapters: new Map([[adapter.name, adapter]]),
		answers,
		opened,
		closed: () => closed,
		/** The agent asks, and waits. */
		ask(request: AgentRequest) {
			waiting.add(request.requestId);
			current().emit({type: 'request', request});
		},
		/** It waits no longer; with `isTold` its channel says so. */
		leave(requestId: string, isTold = true) {
			waiting.delete(requestId);
			if (isTold) {
				current().emit({type: 'request-closed', requestId, why: 'it was answered on its screen'});
			}
		},
		emit: (event: Parameters<ChannelContext['emit']>[0]) => current().emit(event),
	};
};
