import {at, type Call, type Done, text} from './command.js';

/** Says why a run is where it is and what is believed of its agent, in the words of the console. */
export const explainRun = async ({client, flags, isJson, printLine, signal}: Call): Promise<Done> => {
	const runId = flags.need('run-id');
	const {diagnostics} = await client.call({method: 'GET', path: at('runs', runId, 'diagnose'), signal});
	const {why = []} = diagnostics as {readonly why?: readonly string[]};
	if (isJson || flags.text('field') !== undefined) {
		return {answer: {run_id: runId, why}};
	}

	for (const line of why) {
		printLine(text(line));
	}

	return {};
};
