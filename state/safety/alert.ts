/** How urgently an alert wants to be seen. Quiet hours silence all but `urgent`. */
export type AlertLevel = 'notice' | 'warning' | 'urgent';

/**
 * One condition that somebody should know of: inactive → active → acknowledged → cleared. One episode is one alert however often
 * the condition is seen; after `cleared` the same key may begin a new episode.
 */
export type Alert = {
	/** What it is about, such as `breaker:agent:codex` or `stuck:run_x`. */
	readonly key: string;
	readonly level: AlertLevel;
	readonly sentence: string;
	readonly raisedAtMs: number;
	state: 'active' | 'acknowledged' | 'cleared';
	acknowledgedBy?: string;
	clearedAtMs?: number;
};
