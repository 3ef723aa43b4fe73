import {colourSpec, defaultColours, paletteColour} from './colours.js';
import type {Modes} from './modes.js';
import {fullSgr} from './sgr.js';
import {type Core, type CsiParams, type FunctionId, guarded} from './xterm-internals.js';

/** What XTVERSION tells: agents choose features by this name. */
export const terminalName = 'agent-tui(1)';

/** Nobody sees pixels here; these are the sizes a cell commonly has. */
const cellWidth = 8;
const cellHeight = 16;

const isDark = '1';

const longestCapabilities = 256;

type Reply = (bytes: string) => void;
type Asked = {readonly core: Core; readonly modes: Modes; readonly reply: Reply};

const firstOf = (params: CsiParams): number => (params.length > 0 ? params.params[0]! : 0);

/** Row and column as DSR counts them: from 1, never past the edge, from the scroll region's top in origin mode. */
const cursorPosition = ({buffer, cols, coreService}: Core): string => {
	const top = coreService.decPrivateModes.origin ? buffer.scrollTop : 0;
	return `${buffer.y - top + 1};${Math.min(buffer.x, cols - 1) + 1}`;
};

const sizeReport = ({cols, rows}: Core, asked: number): string | undefined => {
	const reports: Readonly<Record<number, string>> = {
		14: `4;${rows * cellHeight};${cols * cellWidth}`,
		15: `5;${rows * cellHeight};${cols * cellWidth}`,
		16: `6;${cellHeight};${cellWidth}`,
		18: `8;${rows};${cols}`,
		19: `9;${rows};${cols}`,
	};
	return reports[asked];
};

const answerCsi = ({core, modes, reply}: Asked): void => {
	/** `answer` gives the reply, or undefined to leave the sequence to xterm.js. */
	const onQuery = (id: FunctionId, answer: (params: CsiParams) => string | undefined): void => {
		core.registerCsiHandler(
			id,
			guarded(params => {
				const answered = answer(params);
				if (answered !== undefined) {
					reply(answered);
				}

				return answered !== undefined;
			}),
		);
	};

	onQuery({final: 'n'}, params => (firstOf(params) === 6 ? `\u001B[${cursorPosition(core)}R` : undefined));
	onQuery({prefix: '?', final: 'n'}, params => {
		const asked = firstOf(params);
		const position = asked === 6 ? `\u001B[?${cursorPosition(core)}R` : undefined;
		return asked === 996 ? `\u001B[?997;${isDark}n` : position;
	});
	onQuery({prefix: '>', final: 'q'}, params => (firstOf(params) === 0 ? `\u001BP>|${terminalName}\u001B\\` : undefined));
	onQuery({prefix: '?', final: 'u'}, () => `\u001B[?${modes.kittyFlags}u`);
	onQuery({prefix: '?', final: 'm'}, params => (firstOf(params) === 4 ? `\u001B[>4;${modes.modifyOtherKeys}m` : undefined));
	onQuery({final: 't'}, params => {
		const report = sizeReport(core, firstOf(params));
		return report === undefined ? undefined : `\u001B[${report}t`;
	});
};

const answerDcs = ({core, modes, reply}: Asked): void => {
	/** DECRQSS: looks and cursor style as they are; xterm.js knows the rest. */
	const requestStatus = (data: string): boolean => {
		const pen = core._inputHandler.getAttrData();
		const looks = fullSgr(pen.fg, pen.bg, pen.extended).slice('\u001B['.length);
		const status = data === 'm' ? looks : `${modes.cursorStyle || 1} q`;
		const isOurs = data === 'm' || data === ' q';
		if (isOurs) {
			reply(`\u001BP1$r${status}\u001B\\`);
		}

		return isOurs;
	};

	/** XTGETTCAP: a polite no, naming what was asked. */
	const requestCapability = (data: string): boolean => {
		const names = /^[\da-f;]*$/i.test(data) && data.length <= longestCapabilities ? data : '';
		reply(`\u001BP0+r${names}\u001B\\`);
		return true;
	};

	core.registerDcsHandler({intermediates: '$', final: 'q'}, guarded(requestStatus));
	core.registerDcsHandler({intermediates: '+', final: 'q'}, guarded(requestCapability));
};

const specialColours = [
	[10, defaultColours.foreground],
	[11, defaultColours.background],
	[12, defaultColours.cursor],
] as const;

/** `OSC 10;?;?` asks for two in a row: the slots after the first stand for the following codes. */
const answerSpecialColour = (reply: Reply, code: number, data: string): boolean => {
	for (const [offset, slot] of data.split(';').entries()) {
		const special = specialColours.find(([known]) => known === code + offset);
		if (slot === '?' && special !== undefined) {
			reply(`\u001B]${special[0]};${colourSpec(special[1])}\u001B\\`);
		}
	}

	return true;
};

const answerPalette = (reply: Reply, data: string): boolean => {
	const slots = data.split(';').slice(0, 2 * 256);
	for (let at = 0; at + 1 < slots.length; at += 2) {
		const index = Number(slots[at]);
		const isKnown = /^\d{1,3}$/.test(slots[at]!) && index < 256;
		if (isKnown && slots[at + 1] === '?') {
			reply(`\u001B]4;${index};${colourSpec(paletteColour(index))}\u001B\\`);
		}
	}

	return true;
};

const answerOsc = ({core, reply}: Asked): void => {
	for (const [code] of specialColours) {
		core.registerOscHandler(
			code,
			guarded(data => answerSpecialColour(reply, code, data)),
		);
	}

	core.registerOscHandler(
		4,
		guarded(data => answerPalette(reply, data)),
	);
	// The clipboard belongs to the operator: reading it is never answered, whatever the agent asks for.
	core.registerOscHandler(52, () => true);
	// Program status protocol: who echoes the question understands the reports.
	core.registerOscHandler(
		7501,
		guarded(data => {
			if (data === '?') {
				reply('\u001B]7501;?\u001B\\');
			}

			return data === '?';
		}),
	);
};

/**
 * Answers the terminal queries that xterm.js leaves open or answers wrongly. Together with its own replies every query the
 * launcher knows is answered once, here and nowhere else.
 */
export const installAnswers = (asked: Asked): void => {
	answerCsi(asked);
	answerDcs(asked);
	answerOsc(asked);
};
