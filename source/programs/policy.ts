import {readFileSync} from 'node:fs';
import process from 'node:process';
import type {LedgerEntry} from '../../state/escalation/ledger.js';
import type {Policy} from '../../state/escalation/policy.js';
import {allowsDenied, type Rehearsal, type RehearsedDifference, rehearse} from '../../state/escalation/policy-rehearsal.js';
import {visible} from '../../state/view/visible.js';
import {ExpectedError, exitCodes} from '../errors.js';
import {readLedger} from '../ledger-file.js';
import {readPolicies} from '../policy-schema.js';
import {openStoreReadOnly} from '../store/open-store.js';
import {pathsOfFlags, projectFolder, readFlags} from './flags.js';

const help = `
  Usage
    $ agent-tui policy check FILE       says whether a policy file is right
    $ agent-tui policy rehearse FILE    says what it would have answered to everything that was ever asked

  FILE holds a list of policies, or a configuration with the key "policies". A rehearsal changes nothing; it exits with 1 when the
  policies would have allowed something that a person denied.

  Options
    --limit N          show at most so many differences (default 50)
    --state-dir DIR    where the state lives (else $AGENT_TUI_HOME, else the XDG state folder of the project)
    --project DIR      the folder it works for (default: this one)
`;

const readFile = (file: string): unknown => {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new ExpectedError(`Could not read the policies in ${file}: ${why}.`, {exitCode: exitCodes.config, cause: error});
	}
};

const policiesIn = (file: string): readonly Policy[] => {
	const value = readFile(file);
	const isConfiguration = typeof value === 'object' && value !== null && !Array.isArray(value) && 'policies' in value;
	return readPolicies(file, isConfiguration ? value.policies : value);
};

const words: Readonly<Record<RehearsedDifference['what'], string>> = {
	'allows-denied': 'WOULD ALLOW what was denied',
	'denies-approved': 'would deny what was approved',
	'allows-unanswered': 'would allow what nobody answered',
	'denies-unanswered': 'would deny what nobody answered',
	'asks-again': 'would ask what was answered by itself',
};

const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');

const commandOf = ({payload, text}: LedgerEntry): string =>
	visible(payload?.argv ? payload.argv.map(arg => `'${arg}'`).join(' ') : (payload?.tool ?? text)).slice(0, 400);

const differenceLines = ({entry, verdict, what}: RehearsedDifference): readonly string[] => [
	`${words[what]}${verdict.answer === 'ask' ? ` (${visible(verdict.because)})` : ` (policy ${verdict.policy}, ${visible(verdict.rule)})`}`,
	`    ${commandOf(entry)}`,
	`    in ${visible(entry.payload?.cwd ?? entry.folder)}, asked by ${entry.who.map(label => visible(label)).join(' > ')} (${visible(entry.agent)})`,
	`    ${entry.outcome} by ${visible(entry.by)} at ${dateOf(entry.closedAtMs)} UTC  ${entry.id}`,
];

const summaryLines = ({count, allow, deny, ask, spared, decided, differences}: Rehearsal): readonly string[] => [
	`${count} approvals were asked for.`,
	'',
	'              allowed  denied  asked or unanswered',
	`  decided     ${String(decided.approved).padStart(7)}  ${String(decided.denied).padStart(6)}  ${String(decided.unanswered).padStart(19)}`,
	`  policies    ${String(allow).padStart(7)}  ${String(deny).padStart(6)}  ${String(ask).padStart(19)}`,
	'',
	`${spared} decisions of people would have been made just so without asking; ${differences.length} would have come out differently.`,
];

const isFearsome = ({what}: RehearsedDifference): number => (what === 'allows-denied' ? 0 : 1);

const print = (rehearsal: Rehearsal, limit: number): void => {
	const differences = rehearsal.differences.toSorted((a, b) => isFearsome(a) - isFearsome(b));
	const shown = differences.slice(0, limit).flatMap(difference => ['', ...differenceLines(difference)]);
	const more = differences.length > limit ? ['', `${differences.length - limit} more; --limit shows more of them.`] : [];
	process.stdout.write(`${[...summaryLines(rehearsal), ...shown, ...more].join('\n')}\n`);
};

/** `agent-tui policy`. */
export const main = async (args: readonly string[]): Promise<number> => {
	const {flags, input} = readFlags(args, help, {
		limit: {type: 'number', default: 50},
		stateDir: {type: 'string'},
		project: {type: 'string'},
	});
	const [verb, file] = input;
	if ((verb !== 'check' && verb !== 'rehearse') || file === undefined || input.length > 2) {
		throw new ExpectedError('Could not tell what to do with policies: name check or rehearse, and one file.', {
			hint: 'agent-tui policy check FILE, or agent-tui policy rehearse FILE.',
			exitCode: exitCodes.usage,
		});
	}

	const policies = policiesIn(file);
	if (verb === 'check') {
		const names = policies.map(({name, mode}) => `${name} (${mode})`).join(', ');
		process.stdout.write(`${policies.length === 0 ? 'The file is right; it holds no policies.' : `The file is right: ${names}.`}\n`);
		return exitCodes.ok;
	}

	const paths = pathsOfFlags(flags, projectFolder(flags.project));
	const {state} = await openStoreReadOnly({folder: paths.folder});
	const rehearsal = rehearse(policies, await readLedger(paths.folder, state));
	print(rehearsal, flags.limit);
	return allowsDenied(rehearsal) ? exitCodes.failure : exitCodes.ok;
};
