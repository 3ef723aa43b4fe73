import process from 'node:process';
import type {BenchRow} from './bench-row.js';
import {echoBench} from './echo-bench.js';
import {firstFrameBench} from './first-frame-bench.js';
import {fleetBench} from './fleet-bench.js';
import {idleBench} from './idle-bench.js';
import {ingestBench} from './ingest-bench.js';
import {journalBench} from './journal-bench.js';
import {memoryBench} from './memory-bench.js';
import {paintBench} from './paint-bench.js';
import {schedulerBench} from './scheduler-bench.js';
import {stallBench} from './stall-bench.js';
import {startBench} from './start-bench.js';
import {tailsBench} from './tails-bench.js';
import {whyNoTmux} from './tmux-peer.js';

type Section = {readonly measure: () => Promise<readonly BenchRow[]>; readonly needsTmux?: true};

type Line = readonly [figure: string, goal: string, result: string, verdict: string];

const sections: Readonly<Record<string, Section>> = {
	'first-frame': {measure: firstFrameBench},
	idle: {measure: idleBench},
	echo: {measure: echoBench, needsTmux: true},
	fleet: {measure: fleetBench, needsTmux: true},
	ingest: {measure: ingestBench, needsTmux: true},
	memory: {measure: memoryBench, needsTmux: true},
	paint: {measure: paintBench},
	stall: {measure: stallBench},
	tails: {measure: tailsBench},
	start: {measure: startBench},
	scheduler: {measure: schedulerBench},
	journal: {measure: journalBench},
};

const verdict = ({goal, met}: BenchRow): string => (goal === '' || met === undefined ? '' : met ? 'met' : 'missed');

/** A section that fails is told as such; the others still run. */
const linesOf = async (name: string, {measure, needsTmux}: Section): Promise<readonly Line[]> => {
	const why = needsTmux ? whyNoTmux() : undefined;
	if (why !== undefined) {
		return [[name, '', why, 'skipped']];
	}

	try {
		return (await measure()).map(row => [row.figure, row.goal, row.result, verdict(row)]);
	} catch (error) {
		process.exitCode = 1;
		return [[name, '', `failed: ${error instanceof Error ? error.message : String(error)}`, 'failed']];
	}
};

const table = (lines: readonly Line[]): string => {
	const widths = [0, 1, 2].map(column => Math.max(...lines.map(line => [...line[column]!].length)));
	const padded = (text: string, width: number): string => text + ' '.repeat(width - [...text].length);
	return lines
		.map(line =>
			line
				.map((text, column) => padded(text, widths[column] ?? [...text].length))
				.join(' | ')
				.trimEnd(),
		)
		.join('\n');
};

const names = process.argv.slice(2);
const unknown = names.filter(name => !(name in sections));
if (unknown.length > 0) {
	process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(sections).join(', ')}.\n`);
	process.exit(2);
}

// What was started ends with the process, as it does at its usual end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.once(signal, () => process.exit(1));
}

const lines: Line[] = [['figure', 'goal', 'result', '']];
for (const [name, section] of Object.entries(sections)) {
	if (names.length === 0 || names.includes(name)) {
		process.stderr.write(`Measuring ${name} …\n`);
		lines.push(...(await linesOf(name, section)));
	}
}

process.stdout.write(`${table(lines)}\n`);
