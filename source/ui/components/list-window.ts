/**
 * The part of a list that fits into `rows`: from which index on. The selected row is in it, in the middle as soon as the list is
 * longer than the window, so that what surrounds it can be read. Without a selection the beginning is shown.
 */
export const listTop = ({count, selected, rows}: {readonly count: number; readonly selected: number; readonly rows: number}): number =>
	Math.max(0, Math.min(selected - Math.floor(rows / 2), count - rows));
