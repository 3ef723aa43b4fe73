/** One line of a benchmark's table: what was measured, what it should be, what it was. `met` is undefined where there is no goal. */
export type BenchRow = {readonly figure: string; readonly goal: string; readonly result: string; readonly met: boolean | undefined};
