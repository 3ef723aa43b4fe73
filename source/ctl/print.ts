import type {Json} from '../../state/json.js';
import {visible} from '../../state/view/visible.js';
import type {Answer} from './client.js';
import {usage} from './failure.js';

const escaped = (character: string): string =>
	[...Array.from({length: character.length}, (_, index) => character.charCodeAt(index))]
		.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
		.join('');

/** JSON whose texts hold no character that a terminal would not show as itself: those are written as JSON escapes, which mean the same. */
export const safeJson = (value: unknown, indent?: number): string =>
	JSON.stringify(value, undefined, indent).replaceAll(/[^\n -~]/gu, character =>
		visible(character) === character ? character : escaped(character),
	);

const isRecord = (value: Json | undefined): value is Readonly<Record<string, Json | undefined>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const step = (value: Json | undefined, name: string): Json | undefined => {
	if (Array.isArray(value)) {
		return (value as readonly Json[])[Number(name)];
	}

	return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
};

/** The value at `a.b.c`; throws a usage failure that names what is there instead when there is no such field. */
export const fieldOf = (answer: Answer, field: string): Json => {
	let at: Json | undefined = answer;
	for (const [place, name] of field.split('.').entries()) {
		const next: Json | undefined = step(at, name);
		if (next === undefined) {
			const above = field.split('.').slice(0, place).join('.');
			const names = isRecord(at) ? Object.keys(at).join(', ') : '';
			const there = names === '' ? 'it has none' : `there are ${names}`;
			throw usage(`There is no field ${name} in ${above === '' ? 'the answer' : above}: ${there}.`);
		}

		at = next;
	}

	return at ?? null;
};

/** A field as a script wants it: texts without quotes, anything else as JSON. What is drawn on a terminal is made visible first. */
export const bareField = (value: Json, {isTerminal}: {readonly isTerminal: boolean}): string => {
	if (typeof value !== 'string') {
		return safeJson(value);
	}

	return isTerminal ? visible(value, {newlines: 'keep'}) : value;
};
