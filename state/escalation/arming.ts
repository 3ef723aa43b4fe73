import {type Refusal, refuse} from '../refusal.js';
import type {Choice} from './escalation.js';

/**
 * Whether a key may decide. A key decides only what was before the operator's eyes long enough to be read, so a request that
 * appears under a finger cannot be hit: not by typing ahead, not by a key held down, not by a paste or the click that gave focus.
 */
export const armingRules = {
	/** Keys are dead until nothing was typed for so long since the request was painted. */
	quietMs: 400,
	/** Stray input cannot keep them dead longer than this. */
	longestMs: 1500,
	/** The same key again within this time is taken for one that is held down. */
	repeatMs: 700,
	/** A decision made faster than this was hardly read. */
	quickMs: 1000,
	/** After so many quick decisions in a row … */
	quickInARow: 5,
	/** … keys are dead for this long. */
	pauseMs: 5000,
} as const;

/** The request a frame shows: which one, and which of the lines of its body are visible (`firstLine` counts from 0, `endLine` is past the last). */
export type PaintedRequest = {
	readonly escalationId: string;
	readonly fingerprint: string;
	readonly firstLine: number;
	readonly endLine: number;
	readonly lineCount: number;
};

/** What happened at the operator's terminal. `atMs` is the orchestrator's clock. */
export type ArmingEvent =
	/** A frame reached the terminal. Tell it after every frame; only a request that was not there before changes when keys go live. */
	| {readonly type: 'painted'; readonly request: PaintedRequest | undefined; readonly atMs: number}
	/** A chunk of input. Tell it after `mayDecide` was asked about it. */
	| {readonly type: 'input'; readonly key: string; readonly atMs: number}
	| {readonly type: 'resized' | 'focused' | 'resumed' | 'pasted'; readonly atMs: number}
	/** A decision was sent. Keys are dead until the next frame was painted. */
	| {readonly type: 'decided'; readonly atMs: number};

type Shown = {
	readonly escalationId: string;
	readonly fingerprint: string;
	readonly sinceMs: number;
	/** From here on quiet is counted: the paint, or what came between (resize, focus, paste). `undefined` until painted again. */
	readonly deadFromMs: number | undefined;
	/** So many lines from the top on were visible at some time. */
	readonly seenLines: number;
	readonly lineCount: number;
};

export type Arming = {
	readonly shown?: Shown;
	readonly lastInput?: {readonly key: string; readonly atMs: number};
	readonly quickDecisions: number;
	readonly pausedUntilMs: number;
};

/** Nothing was painted yet: every key is dead. */
export const createArming = (): Arming => ({quickDecisions: 0, pausedUntilMs: 0});

const afterPaint = (arming: Arming, request: PaintedRequest | undefined, atMs: number): Arming => {
	const {shown, ...rest} = arming;
	if (!request) {
		return shown ? rest : arming;
	}

	const {escalationId, fingerprint, firstLine, endLine, lineCount} = request;
	const isSame = shown?.escalationId === escalationId && shown.fingerprint === fingerprint && shown.lineCount === lineCount;
	const seenBefore = isSame ? shown.seenLines : 0;
	const seenLines = firstLine <= seenBefore ? Math.max(seenBefore, endLine) : seenBefore;
	if (isSame && shown.deadFromMs !== undefined) {
		return seenLines === seenBefore ? arming : {...arming, shown: {...shown, seenLines}};
	}

	const sinceMs = isSame ? shown.sinceMs : atMs;
	return {...rest, shown: {escalationId, fingerprint, sinceMs, deadFromMs: atMs, seenLines, lineCount}};
};

const afterInterruption = (arming: Arming, type: 'resized' | 'focused' | 'resumed' | 'pasted', atMs: number): Arming => {
	const {shown} = arming;
	if (!shown) {
		return arming;
	}

	const {deadFromMs, seenLines} = shown;
	switch (type) {
		// Another width breaks the lines elsewhere: what was seen counts for nothing, and the frame on the screen is not this one.
		case 'resized': {
			return {...arming, shown: {...shown, deadFromMs: undefined, seenLines: 0}};
		}

		case 'resumed': {
			return {...arming, shown: {...shown, deadFromMs: undefined, seenLines}};
		}

		default: {
			return {...arming, shown: {...shown, deadFromMs: deadFromMs === undefined ? undefined : Math.max(deadFromMs, atMs)}};
		}
	}
};

const afterDecision = ({shown, ...rest}: Arming, atMs: number): Arming => {
	const isQuick = shown !== undefined && atMs - shown.sinceMs < armingRules.quickMs;
	const quickDecisions = isQuick ? rest.quickDecisions + 1 : 0;
	return quickDecisions >= armingRules.quickInARow
		? {...rest, quickDecisions: 0, pausedUntilMs: atMs + armingRules.pauseMs}
		: {...rest, quickDecisions};
};

/** The arming after something happened at the terminal. */
export const armingEvent = (arming: Arming, event: ArmingEvent): Arming => {
	switch (event.type) {
		case 'painted': {
			return afterPaint(arming, event.request, event.atMs);
		}

		case 'input': {
			return {...arming, lastInput: {key: event.key, atMs: event.atMs}};
		}

		case 'decided': {
			return afterDecision(arming, event.atMs);
		}

		default: {
			return afterInterruption(arming, event.type, event.atMs);
		}
	}
};

/** When keys go live for the request shown, if nothing else happens: redraw then. `undefined` while no request is painted. */
export const armedAtMs = ({shown, lastInput, pausedUntilMs}: Arming): number | undefined => {
	if (shown?.deadFromMs === undefined) {
		return undefined;
	}

	const quietFromMs = Math.max(shown.deadFromMs, lastInput?.atMs ?? 0);
	const quietAtMs = Math.min(quietFromMs + armingRules.quietMs, shown.deadFromMs + armingRules.longestMs);
	return Math.max(quietAtMs, pausedUntilMs);
};

/** Whether the whole body of the request was visible, from its first line to its last, since it was shown at this size. */
export const isReadToEnd = ({shown}: Arming, escalationId: string): boolean =>
	shown?.escalationId === escalationId && shown.seenLines >= shown.lineCount;

/** A key that would decide. */
export type DecisionKey = {
	/** What the operator means to decide, as it was selected when the key came. */
	readonly escalationId: string;
	readonly fingerprint: string;
	readonly choice: Choice;
	/** The chunk of input as it came. */
	readonly key: string;
	/** The chunk was this one key and nothing else. */
	readonly alone: boolean;
	readonly nowMs: number;
};

const no = (sentence: string): Refusal => refuse('NOT_ARMED', sentence);

const seconds = (ms: number): string => `${(Math.ceil(ms / 100) / 10).toFixed(1)} s`;

const whyNotShown = ({shown}: Arming, {escalationId, fingerprint}: {readonly escalationId: string; readonly fingerprint: string}) =>
	shown?.deadFromMs !== undefined && shown.escalationId === escalationId && shown.fingerprint === fingerprint
		? undefined
		: no('That request is not on the screen yet; look at it first.');

const whyNotRead = (arming: Arming, {escalationId, choice}: {readonly escalationId: string; readonly choice: Choice}) =>
	choice === 'approve' && !isReadToEnd(arming, escalationId) ? no('Scroll to its end before you approve it.') : undefined;

/** Why a key may not decide now; `undefined` when it may. Denying needs no reading to the end; approving does. */
export const mayDecide = (arming: Arming, decision: DecisionKey): Refusal | undefined => {
	const {key, alone, nowMs} = decision;
	const notShown = whyNotShown(arming, decision);
	if (notShown) {
		return notShown;
	}

	if (!alone) {
		return no('Several keys came at once; press the one key alone.');
	}

	if (nowMs < arming.pausedUntilMs) {
		return no(`Five decisions in under a second each: read this one again. Keys are live in ${seconds(arming.pausedUntilMs - nowMs)}.`);
	}

	const isHeldDown = arming.lastInput?.key === key && nowMs - arming.lastInput.atMs < armingRules.repeatMs;
	if (isHeldDown) {
		return no('The key is held down; let go and press it once.');
	}

	const atMs = armedAtMs(arming)!;
	return nowMs < atMs ? no(`It has just been shown; keys are live in ${seconds(atMs - nowMs)}.`) : whyNotRead(arming, decision);
};

/**
 * A decision that is finished in a prompt which `mayDecide` let open: a typed word for a high risk, a reason, an answer. While the
 * prompt is open, frames are still told as painting the request it stands on.
 */
export type TypedDecision = {
	readonly escalationId: string;
	readonly fingerprint: string;
	readonly choice: Choice;
	/** What must be typed, if anything. */
	readonly confirmWord?: string | undefined;
	readonly typed: string;
};

/** Why what was typed may not decide; `undefined` when it may: the same request is still shown, and the word is the one asked for. */
export const mayConfirm = (arming: Arming, decision: TypedDecision): Refusal | undefined => {
	const {confirmWord, typed} = decision;
	const isWrongWord = confirmWord !== undefined && typed.trim().toLowerCase() !== confirmWord.toLowerCase();
	return (
		whyNotShown(arming, decision) ??
		whyNotRead(arming, decision) ??
		(isWrongWord ? no(`Type “${confirmWord}” to approve this, or leave it.`) : undefined)
	);
};
