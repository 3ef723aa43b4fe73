/** A provider of models that told us to wait: nothing of its agents starts or goes on until then. */
export type ProviderPause = {
	readonly untilMs: number;
	/** The provider's own words, untrusted. */
	readonly sentence: string;
	/** How often in a row it told us; without a time of its own each pause doubles the one before. */
	readonly strikes: number;
	/** It came to its end; kept because the next one may follow it closely. */
	readonly isOver?: true;
};

export const pauseRules = {
	/** The first pause when the provider names no time; each one in a row doubles it. */
	firstMs: 60_000,
	longestMs: 30 * 60_000,
	/** A pause that begins within this time after the one before is the next in a row; later it is a first one again. */
	inARowMs: 30 * 60_000,
	/** The longest time a provider is believed to need: a weekly limit and a day. What is told comes through agents. */
	believedMs: 8 * 24 * 60 * 60_000,
} as const;

/** How long the given strike in a row pauses. */
export const pauseMs = (strikes: number): number => Math.min(pauseRules.firstMs * 2 ** (strikes - 1), pauseRules.longestMs);

const isInARow = (last: ProviderPause | undefined, nowMs: number): boolean =>
	last !== undefined && nowMs - last.untilMs <= pauseRules.inARowMs;

/**
 * The pause after the provider told us to wait, until the time it named when that is still to come. Several agents tell of the same
 * refusal: while a pause lasts it can only become longer, and is still the same strike.
 */
export const afterLimit = (
	last: ProviderPause | undefined,
	{sentence, untilMs}: {readonly sentence: string; readonly untilMs?: number | undefined},
	nowMs: number,
): ProviderPause => {
	const named = untilMs !== undefined && untilMs > nowMs ? Math.min(untilMs, nowMs + pauseRules.believedMs) : undefined;
	if (last && !last.isOver && last.untilMs > nowMs) {
		return named !== undefined && named > last.untilMs ? {...last, untilMs: named, sentence} : last;
	}

	const strikes = isInARow(last, nowMs) ? last!.strikes + 1 : 1;
	return {untilMs: named ?? nowMs + pauseMs(strikes), sentence, strikes};
};
