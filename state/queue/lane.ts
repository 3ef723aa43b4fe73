/** The four service classes of the queue, most urgent first. */
export const lanes = ['urgent', 'high', 'normal', 'low'] as const;

export type Lane = (typeof lanes)[number];
