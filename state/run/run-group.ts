/** Runs that are let through or held back together: they need the same agent and the same tags. */
export type RunGroup = {readonly agent: string; readonly demands: readonly string[]};

/** The name of a group, for the fair queue. Agents' names and tags hold no line breaks. */
export const groupName = (agent: string, demands: readonly string[] | undefined): string =>
	demands === undefined || demands.length === 0 ? agent : [agent, ...new Set(demands)].join('\n');

/** The group behind a name. */
export const groupOf = (name: string): RunGroup => {
	const [agent = '', ...demands] = name.split('\n');
	return {agent, demands};
};
