/**
 * A copy that holds what was put there and nothing else. Ids come from anybody who may send: `constructor` or `__proto__` must be as
 * unknown as any other name that was never given out.
 */
export const bareRecord = <Value>(record: Readonly<Record<string, Value>>): Record<string, Value> =>
	Object.assign(Object.create(null) as Record<string, Value>, record);
