import {setTimeout as delay} from 'node:timers/promises';
import type {FoundPrompt} from '../agents/screen-rules/reader.js';
import type {KeyOrder, KeyPress} from '../launcher-port.js';
import {type AgentRules, fingerprintOf} from './agent-watch.js';
import type {Pty} from './open-pty.js';
import type {Screen} from './screen.js';

/** How long a prompt has to leave after its keys, and a screen that is being drawn to be finished. */
const longestLeavingMs = 5000;
const longestDrawingMs = 300;

export type KeyPresserOptions = {
	readonly pty: Pick<Pty, 'write'>;
	readonly screen: Screen;
	readonly rules: AgentRules;
	/** The prompt on the screen at this very moment. */
	readonly readPrompt: () => FoundPrompt | undefined;
	readonly isLive: () => boolean;
};

const refused = (why: string): KeyPress => ({pressed: false, why});

/** What a prompt says, without marks that move when another answer is chosen. */
const questionOf = ({text}: FoundPrompt): string => text.replaceAll(/[\s❯›▸▶→●○◉•>*]/gu, '');

/** Resolves when the screen has been parsed once more, or the time is up. */
const untilParsed = async (screen: Screen, timeoutMs: number): Promise<void> => {
	const parsed = Promise.withResolvers<void>();
	const stop = screen.onParsed(parsed.resolve);
	const timer = new AbortController();
	await Promise.race([parsed.promise, delay(timeoutMs, undefined, {signal: timer.signal}).catch(() => {})]);
	timer.abort();
	stop();
};

const untilDrawn = async (screen: Screen): Promise<void> => {
	const deadline = performance.now() + longestDrawingMs;
	while (screen.picture.isDrawing && performance.now() < deadline) {
		await untilParsed(screen, deadline - performance.now());
	}
};

/** Whether the prompt is seen to leave: it is gone, or another question stands in its place. */
const seeItLeave = async ({screen, readPrompt, isLive}: KeyPresserOptions, prompt: FoundPrompt): Promise<KeyPress> => {
	const question = questionOf(prompt);
	const deadline = performance.now() + longestLeavingMs;
	while (isLive() && performance.now() < deadline) {
		await untilParsed(screen, Math.min(250, deadline - performance.now()));
		const shown = readPrompt();
		const hasLeft = shown === undefined || questionOf(shown) !== question;
		if (hasLeft && !screen.picture.isDrawing && isLive()) {
			return {pressed: true, left: true};
		}
	}

	const why = isLive() ? 'the prompt is still on the screen' : 'the agent ended before the prompt was seen to leave';
	return {pressed: true, left: false, why};
};

/** The keys to write now, or why not. Looks at the screen as it is now. */
const keysNow = ({rules, readPrompt, screen}: KeyPresserOptions, {fingerprint, keys}: KeyOrder) => {
	const reader = rules.reader();
	if (!reader) {
		return {why: 'there are no screen rules for this agent'};
	}

	const prompt = readPrompt();
	if (screen.picture.isDrawing) {
		return {why: 'the agent is redrawing its screen'};
	}

	if (!prompt) {
		return {why: 'there is no prompt on the screen any more'};
	}

	if (fingerprintOf(prompt) !== fingerprint) {
		return {why: 'the prompt on the screen is not the one that was shown'};
	}

	const found = reader.keys(prompt, keys);
	return 'why' in found ? found : {prompt, send: found.send};
};

/**
 * Presses the keys of a prompt. Between reading the screen and writing there is no turn of the event loop: what is answered is
 * what was seen. One order at a time: while one waits to see its prompt leave, others are refused.
 */
export const createKeyPresser = (options: KeyPresserOptions): ((order: KeyOrder) => Promise<KeyPress>) => {
	let isPressing = false;

	const press = async (order: KeyOrder): Promise<KeyPress> => {
		await untilDrawn(options.screen);
		if (!options.isLive()) {
			return refused('the agent has ended');
		}

		const found = keysNow(options, order);
		if ('why' in found) {
			return refused(found.why);
		}

		options.pty.write(Buffer.from(found.send));
		return seeItLeave(options, found.prompt);
	};

	return async order => {
		if (isPressing) {
			return refused('keys for this prompt have just been pressed');
		}

		isPressing = true;
		try {
			return await press(order);
		} finally {
			isPressing = false;
		}
	};
};
