/**
 * What the program `host` does in an agent's terminal, as the adapter wrote it into the attempt's folder. All programs are argv arrays;
 * relative paths are taken from the folder of the plan.
 */
export type HostPlan = {
	/** The program of the terminal. `{port}` in an argument stands for a port that was free a moment ago. */
	readonly argv: readonly string[];
	/** Where that port is written. */
	readonly portFile?: string;
	/** A server that the program needs beside it: started first, ended with it. */
	readonly server?: {
		readonly argv: readonly string[];
		/** Absolute path of the unix socket that tells that it is up. */
		readonly socket: string;
		/** What it prints. */
		readonly log: string;
		/** The program of the terminal when the server does not come up. */
		readonly fallback: readonly string[];
	};
};

/** The name of the file, in the attempt's folder. */
export const hostPlanFile = 'host.json';

/** A file that the host leaves beside its plan when the server did not come up. */
export const serverAbsentFile = 'server-absent';

/** How an adapter has its program started by the host: `agent-tui` is the one on agents' PATH, this very program. */
export const hosted = (folder: string, plan: HostPlan) => ({
	file: 'agent-tui',
	args: ['host', `${folder}/${hostPlanFile}`],
	files: {[hostPlanFile]: `${JSON.stringify(plan, null, '\t')}\n`},
});
