const units = [
	['d', 86_400_000],
	['h', 3_600_000],
	['m', 60_000],
] as const;

/** How long ago in at most four columns: `7s`, `12m`, `3h`, `25d`. Never negative. */
export const shortAge = (ms: number): string => {
	const unit = units.find(([, size]) => ms >= size);
	return unit ? `${Math.floor(ms / unit[1])}${unit[0]}` : `${Math.max(0, Math.floor(ms / 1000))}s`;
};
