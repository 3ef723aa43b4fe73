import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {patternOf, type StatusCorrection} from '../../../state/agent/screen-correction.js';
import {ExpectedError, systemErrorCode} from '../../errors.js';
import {parseScreenRules, type ScreenRules} from './schema.js';

/** How sure a rule is that the operator made. */
const confidence = 0.95;
/** What counts as the bottom of a screen. */
const bottomRows = 6;
const mostRows = 60;

/** `20260105-120000-250`: part of the name of a rule, so that none replaces another. */
const stampOf = (nowMs: number): string => new Date(nowMs).toISOString().replaceAll(/[-:Z]/g, '').replace('T', '-').replace('.', '-');

const readBefore = async (file: string, adapter: string): Promise<ScreenRules> => {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') {
			return {agent: adapter, titles: [], rules: []};
		}

		throw error;
	}

	return parseScreenRules(JSON.parse(text));
};

const ruleOf = ({activity, lines}: StatusCorrection, name: string): Record<string, unknown> => {
	const region = Math.min(mostRows, Math.max(...lines.map(({fromBottom}) => fromBottom)) + 2);
	const patterns = (of: StatusCorrection['lines']) => [...new Set(of.map(({text}) => patternOf(text)))];
	const bottom = patterns(lines.filter(({fromBottom}) => fromBottom < bottomRows));
	return {name, activity, confidence, region, all: patterns(lines), ...(bottom.length > 0 && {bottom})};
};

/** The rules with the correction before all others: the newest word of the operator counts. */
const withCorrection = (before: ScreenRules, correction: StatusCorrection, name: string): ScreenRules => {
	const {activity, from, lines} = correction;
	return parseScreenRules(
		from === 'title'
			? {...before, titles: [{pattern: patternOf(lines[0]?.text ?? ''), activity, confidence}, ...before.titles]}
			: {...before, rules: [ruleOf(correction, name), ...before.rules]},
	);
};

/** Nobody ever reads half a file: launchers read it again as soon as it changes. */
const writeWhole = async (file: string, text: string): Promise<void> => {
	const temporary = `${file}.${process.pid}.tmp`;
	await writeFile(temporary, text, {mode: 0o600});
	await rename(temporary, file);
};

export type WrittenCorrection = {
	/** The rules of this kind of agent that the operator made so. */
	readonly file: string;
	/** What the screen showed: a proof to test the rule with. */
	readonly fixture: string;
};

/**
 * Makes a screen rule of what the operator says, in a file of its own for each kind of agent, and keeps what the screen showed beside
 * it. Throws an `ExpectedError` when the file that is there is wrong or full: it is left as it is.
 */
export const writeCorrection = async (folder: string, correction: StatusCorrection, nowMs: number): Promise<WrittenCorrection> => {
	const {adapter, activity, screen} = correction;
	const name = `${activity}-${stampOf(nowMs)}`;
	const file = path.join(folder, `corrected-${adapter}.json`);
	const fixture = path.join(folder, `corrected-${adapter}-${name}.txt`);
	let rules: ScreenRules;
	try {
		rules = withCorrection(await readBefore(file, adapter), correction, name);
	} catch (error) {
		throw new ExpectedError(`Could not add a rule to ${file}: ${error instanceof Error ? error.message : String(error)}`, {
			hint: 'Mend the file, or move it away and correct the state again.',
			cause: error,
		});
	}

	await mkdir(folder, {recursive: true, mode: 0o700});
	await writeFile(fixture, `${screen.join('\n')}\n`, {mode: 0o600});
	await writeWhole(file, `${JSON.stringify(rules, null, '\t')}\n`);
	return {file, fixture};
};
