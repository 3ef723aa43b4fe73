/** A process that owns ptys on some machine, as State knows it. */
export type Launcher = {
	/** `lch_…` */
	readonly id: string;
	readonly host: string;
	readonly pid: number;
	/** Runs inside the console process: nothing outlives it. */
	readonly embedded: boolean;
	readonly joinedAtMs: number;
	state: 'online' | 'offline';
	sinceMs: number;
};
