import type {BudgetMeasure} from './budget.js';

const steps = [
	['G', 1e9],
	['M', 1e6],
	['k', 1e3],
] as const;

/** A count in at most five columns: `950`, `1.2k`, `34k`, `5.6M`. Rounded down, so that it never says more than there is. */
export const shortCount = (count: number): string => {
	const step = steps.find(([, size]) => count >= size);
	if (!step) {
		return String(Math.floor(count));
	}

	const [unit, size] = step;
	const value = count / size;
	return value < 10 ? `${(Math.floor(value * 10) / 10).toFixed(1)}${unit}` : `${Math.floor(value)}${unit}`;
};

/** A length of work: `40s`, `25m`, `3h 5m`. */
export const shortTime = (ms: number): string => {
	const minutes = Math.floor(ms / 60_000);
	if (minutes < 1) {
		return `${Math.floor(Math.max(0, ms) / 1000)}s`;
	}

	const rest = minutes % 60;
	return minutes < 60 ? `${minutes}m` : `${shortCount(Math.floor(minutes / 60))}h${rest === 0 ? '' : ` ${rest}m`}`;
};

const shorts: Readonly<Record<BudgetMeasure, (amount: number) => string>> = {
	tokens: shortCount,
	costUsd: amount => (amount < 1000 ? `$${amount.toFixed(2)}` : `$${shortCount(amount)}`),
	wallMs: shortTime,
	runsPerHour: shortCount,
};

/** An amount of a measure in few columns, for tables: `1.2k`, `$3.20`, `25m`. */
export const shortAmount = (measure: BudgetMeasure, amount: number): string => shorts[measure](amount);
