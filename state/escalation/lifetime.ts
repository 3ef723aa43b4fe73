import {longestGrantMs} from './grant.js';

/** How long, and how often at most, an approval shall hold. */
export type Lifetime = {readonly lifetimeMs: number; readonly maxUses?: number};

const units: Readonly<Record<string, number>> = {m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000};
const pattern = /^(\d{1,5})\s*(m|h|d)(?:\s+(\d{1,4})\s*x)?$/i;

/** What `8h`, `30m`, `2d` or `8h 20x` means; `undefined` for anything else, or more than 30 days. */
export const readLifetime = (text: string): Lifetime | undefined => {
	const [, count, unit, uses] = pattern.exec(text.trim()) ?? [];
	if (count === undefined || unit === undefined) {
		return undefined;
	}

	const lifetimeMs = Number(count) * units[unit.toLowerCase()]!;
	const isRight = lifetimeMs > 0 && lifetimeMs <= longestGrantMs && uses !== '0';
	return isRight ? {lifetimeMs, ...(uses !== undefined && {maxUses: Number(uses)})} : undefined;
};
