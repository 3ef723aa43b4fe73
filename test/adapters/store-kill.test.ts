import process from 'node:process';
import {expect, test} from 'vitest';
import {killRounds} from '../helpers/store-kill-rounds.js';

/** Raise it to look harder: `STORE_KILL_ROUNDS=100`. */
const rounds = Number(process.env['STORE_KILL_ROUNDS'] ?? 20);

test(`${rounds} kills of a process that appends and compacts lose no acknowledged fact`, {timeout: 60_000 + rounds * 10_000}, async () => {
	const tally = await killRounds(rounds);
	expect(tally).toMatchObject({lost: 0, wrong: 0, mismatches: 0});
	expect(tally.acknowledged).toBeGreaterThan(rounds);
	expect(tally.compactedRounds).toBeGreaterThan(0);
});
