import {createEscapeScanner, type Verdict} from './escape-scanner.js';
import type {ControlSequence} from './escape-sequences.js';
import {csiFinalsOfQueries, judgeQuery} from './queries.js';

/** Separates what an attached operator's terminal may see from what it must not. */
export type AttachFilter = {
	/**
	 * Takes output as the agent wrote it, cut anywhere. `out` is what may be written to the operator's terminal;
	 * `needsRepaint` says that a switch of screens was taken out, so that only a fresh snapshot shows what the agent sees.
	 */
	push(chunk: Uint8Array): {readonly out: Uint8Array; readonly needsRepaint: boolean};
};

const alternateScreenModes = new Set(['47', '1047', '1049']);

const switchesScreen = (body: string): boolean =>
	/^\?[\d;]*[hl]$/.test(body) &&
	body
		.slice(1, -1)
		.split(';')
		.some(mode => alternateScreenModes.has(mode));

/** "Clear scrollback" would erase the operator's own shell history behind our screen. */
const clearsScrollback = (body: string): boolean => /^\??[\d;]*J$/.test(body) && body.replace(/\D+/g, ' ').trim().split(' ').includes('3');

/** Images pass. Anything else in a DCS is a passage through the operator's multiplexer, or reprograms the keyboard. */
const isImage = (body: string): boolean => /^[\d;]*q/.test(body);
const isSynchronizedUpdate = (body: string): boolean => /^=[12]s/.test(body);
const isUndecidedDcs = (body: string): boolean => /^[\d;=]*$/.test(body) && body.length < 32;

const judgeDcs = ({body, isComplete}: ControlSequence): Verdict => {
	const isHarmless = isImage(body) || isSynchronizedUpdate(body);
	if (isHarmless) {
		return 'pass';
	}

	return isUndecidedDcs(body) && !isComplete ? 'more' : 'drop';
};

const fullReset = 'c';

/**
 * Takes out of an agent's output what would harm an attached operator's terminal: queries (the launcher's screen is the one
 * that answers), switches to and from the alternate screen, full resets, "clear scrollback", requests to read the clipboard.
 */
export const createAttachFilter = (): AttachFilter => {
	let needsRepaint = false;

	/** Takes it out, and asks for a repaint instead. */
	const replace = (): Verdict => {
		needsRepaint = true;
		return 'drop';
	};

	const judge = (sequence: ControlSequence): Verdict => {
		const {kind, body} = sequence;
		if (kind === 'dcs') {
			return judgeDcs(sequence);
		}

		const isSwitch = (kind === 'csi' && switchesScreen(body)) || (kind === 'esc' && body === fullReset);
		if (isSwitch) {
			return replace();
		}

		return kind === 'csi' && clearsScrollback(body) ? 'drop' : judgeQuery(sequence);
	};

	const scanner = createEscapeScanner({
		csiFinals: `${csiFinalsOfQueries.always}J`,
		privateCsiFinals: `${csiFinalsOfQueries.whenPrivate}hl`,
		judge,
	});

	return {
		push(chunk) {
			needsRepaint = false;
			const out = scanner.push(chunk);
			return {out, needsRepaint};
		},
	};
};
