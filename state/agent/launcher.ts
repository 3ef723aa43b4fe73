/** A process that owns ptys on some machine, as State knows it. */
export type Launcher = {
	/** `lch_…` */
	readonly id: string;
	readonly host: string;
	readonly pid: number;
	/** Runs inside the console process: nothing outlives it. */
	readonly embedded: boolean;
	/** What agents on it can use, beyond what their profiles say. */
	readonly tags?: readonly string[];
	readonly joinedAtMs: number;
	state: 'online' | 'offline';
	sinceMs: number;
};
