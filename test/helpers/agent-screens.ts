import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {createScreen, type Screen} from '../../source/launcher/screen.js';

/** A screen that a real agent drew, and what is to be read from it. The first line of its file holds what is not text. */
export type AgentScreen = {
	readonly name: string;
	/** The beginning of the file's name, up to the first dash. */
	readonly agent: string;
	readonly columns: number;
	readonly rows: number;
	readonly title: string;
	/** The rule that is to match. */
	readonly rule: string;
	readonly activity: string;
	readonly kind?: string;
	/** Names of keys that may be pressed. */
	readonly keys?: readonly string[];
	readonly lines: readonly string[];
};

const folder = path.resolve('test/fixtures/agent-screens');

const readAgentScreen = (file: string): AgentScreen => {
	const [head = '', ...lines] = readFileSync(path.join(folder, file), 'utf8').split('\n');
	const name = path.basename(file, '.txt');
	return {name, agent: name.split('-', 1)[0]!, lines: lines.slice(0, -1), ...JSON.parse(head)};
};

/** The corpus: what the agents' programs really drew. */
export const agentScreens: readonly AgentScreen[] = readdirSync(folder).sort().map(readAgentScreen);

export const agentScreen = (name: string): AgentScreen => agentScreens.find(screen => screen.name === name)!;

/** The bytes that draw such a screen, from a cleared one. */
export const bytesOf = ({lines, title}: Pick<AgentScreen, 'lines' | 'title'>): string =>
	`\u001B]0;${title}\u0007\u001B[2J\u001B[H${lines.join('\r\n')}`;

/** The same screen in the emulator that agents draw on. */
export const drawnScreen = (shown: AgentScreen): Screen => {
	const screen = createScreen({columns: shown.columns, rows: shown.rows, reply: () => {}});
	screen.write(Buffer.from(bytesOf(shown)));
	screen.parseNow();
	return screen;
};
