/** Added to the hook command where nothing is asked: the agent is not held when no coordinator is there to hear it. */
export const tellOnly = '--tell';

/** How long an agent waits for a hook that asks a person; the request itself expires much sooner. */
export const longestHookSeconds = 86_400;

/** How long an agent waits for a hook that only tells. */
export const tellingSeconds = 15;
