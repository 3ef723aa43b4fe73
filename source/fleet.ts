import type {LauncherPort} from './launcher-port.js';
import type {Orchestrator} from './orchestrator.js';
import type {Paths} from './paths.js';

/** What the console draws and drives: the orchestrator (in this process or behind a socket) and the launcher with the screens. */
export type Fleet = {
	readonly orchestrator: Orchestrator;
	/** The launcher; `undefined` until it has been reached, which is after the first frame. */
	readonly launcher: () => LauncherPort | undefined;
	readonly paths: Paths;
	/** Where new sessions start unless told otherwise. */
	readonly project: string;
	/** The launcher lives in this process: nothing outlives it. */
	readonly embedded: boolean;
	/** The orchestrator is an `agentd` elsewhere. */
	readonly remote: boolean;
	/** Nothing that changes anything is sent. */
	readonly readOnly: boolean;
	/** What had to be mended at the start: told to the operator once. */
	readonly news?: readonly string[];
};
