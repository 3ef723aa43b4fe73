/** A moment for people, always in UTC: `2026-11-21 04:31:56 UTC`. */
export const moment = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A moment for programs: ISO 8601 with milliseconds. */
export const isoMoment = (atMs: number): string => new Date(atMs).toISOString();

/** A length of time in at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 1 min`. Never negative. */
export const duration = (ms: number): string => {
	const length = Math.max(0, ms);
	if (length < 10_000) {
		return `${Number((length / 1000).toFixed(1))} s`;
	}

	const seconds = Math.floor(length / 1000);
	const minutes = Math.floor(seconds / 60);
	const hours = Math.floor(minutes / 60);
	if (minutes === 0) {
		return `${seconds} s`;
	}

	return hours === 0 ? `${minutes} min ${seconds % 60} s` : `${hours} h ${minutes % 60} min`;
};
