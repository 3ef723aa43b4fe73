import {type Refusal, refuse} from '../refusal.js';
import type {Escalation} from './escalation.js';
import {canonicalJson} from './fingerprint.js';

/** Nobody reads more than this before a decision: above it a request can only be denied. */
export const longestPlanBytes = 10_240;

/** UTF-8 bytes of a text. */
const bytesOf = (text: string): number => {
	let bytes = 0;
	for (const character of text) {
		const codePoint = character.codePointAt(0)!;
		bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
	}

	return bytes;
};

/** How much there is to read in a request: the asker's words and all that would be done. */
export const planBytes = ({text, payload = {}}: Pick<Escalation, 'text' | 'payload'>): number => {
	const {tool = '', argv = [], cwd = '', diff = '', env = {}, extra} = payload;
	const texts = [text, tool, ...argv, cwd, diff, ...Object.entries(env).flat(), ...(extra === undefined ? [] : [canonicalJson(extra)])];
	return texts.reduce((sum, part) => sum + bytesOf(part), 0);
};

/** Why a request cannot be approved in the console, whoever looks at it; `undefined` when it can. */
export const whyNotApprove = (escalation: Pick<Escalation, 'text' | 'payload'>): Refusal | undefined => {
	const bytes = planBytes(escalation);
	return bytes > longestPlanBytes
		? refuse('NOT_ARMED', `It is ${Math.ceil(bytes / 1024)} KB long, more than anybody reads: it can only be denied here.`)
		: undefined;
};
