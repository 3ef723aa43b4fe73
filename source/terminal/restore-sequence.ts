const csi = '\u{1B}[';
const privateModes = (modes: readonly number[], final: 'h' | 'l'): string => modes.map(mode => `${csi}?${mode}${final}`).join('');

/** Ends whatever string or sequence a cut stream may have left open. */
export const endOfSequence = '\u{1B}\\';

/** Between these two a terminal shows nothing half drawn. */
export const beginUpdate = `${csi}?2026h`;
export const endUpdate = `${csi}?2026l`;

export const enterAlternateScreen = `${csi}?1049h`;
export const leaveAlternateScreen = `${csi}?1049l`;
export const hideCursor = `${csi}?25l`;
export const showCursor = `${csi}?25h`;
export const clearScreen = `${csi}0m${csi}2J${csi}H`;

/**
 * What the console asks of the terminal: pastes marked as such, a word when the window gains or loses the focus, and no wrapping. A line that
 * is too long for a moment (the window has just become narrower) is then cut, where wrapping would move every line below it.
 */
export const consoleModes = privateModes([2004, 1004], 'h') + privateModes([7], 'l');

/** 9 to 1016: every way of reporting the mouse. Then focus, paste, colour scheme and size reports, cursor keys, reverse video and the like. */
const modesOff = privateModes([9, 1000, 1002, 1003, 1005, 1006, 1015, 1016, 1004, 2004, 2031, 2048, 1, 5, 45, 66], 'l');

const charactersAndKeys = [
	`${csi}0m`,
	'\u{0F}\u{1B}(B',
	`${csi}?7h`,
	`${csi}4l`,
	'\u{1B}>',
	`${csi}>4m`,
	`${csi}=0;1u`,
	`${csi}0 q`,
	'\u{1B}]8;;\u{1B}\\',
	showCursor,
].join('');

const palette = ['104', '110', '111', '112'].map(number => `\u{1B}]${number}\u{1B}\\`).join('');

/** No margins, no origin of one's own. It also moves the cursor home, so it belongs only where the screen is cleared or left. */
const wholeScreen = `${privateModes([6, 69], 'l')}${csi}r`;

/** Undoes every mode an agent's stream may have set, whatever it was: a fixed list, since a crash leaves no record of what is on. */
export const resetModes = modesOff + charactersAndKeys + wholeScreen;

/** Keeps the window's title while an agent sets its own, and brings it back. */
export const saveTitle = `${csi}22;0t`;
const restoreTitle = `${csi}23;0t`;

/** For the moment an agent's screen is left: its modes, colours and title go, whatever it was in the middle of. */
export const leaveAgent = endOfSequence + endUpdate + resetModes + palette + restoreTitle;

export type LeavingFrom = {readonly onAlternateScreen: boolean; readonly attached: boolean};

/** What the terminal gets on every way out. The cursor of the operator's own screen stays where it is. */
export const restoreSequence = ({onAlternateScreen, attached}: LeavingFrom): string =>
	[
		endOfSequence + endUpdate + modesOff + charactersAndKeys,
		attached ? palette + restoreTitle : '',
		onAlternateScreen ? wholeScreen + leaveAlternateScreen + showCursor : '',
	].join('');
