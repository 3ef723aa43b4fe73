import {expect, test} from 'vitest';
import {openConsole, type World} from '../helpers/open-console.js';

type Opened = Awaited<ReturnType<typeof openConsole>>;

const npmCi = {argv: ['npm', 'ci'], cwd: '/'};

/** Agents that each ask for the same harmless command. */
const asking = (count: number) => async (world: World) => {
	for (let index = 1; index <= count; index++) {
		const {run} = await world.start({label: `agent-${index}`});
		await world.raise(run, {text: `Please, ${index}.`, payload: npmCi});
	}
};

const openRequests = (screen: Opened): number => screen.world.orchestrator.getState().index.openEscalations.size;

/** On the requests, with keys that live. */
const reading = async (screen: Opened): Promise<void> => {
	screen.press('4');
	await screen.see(/^ a approve · d deny/m);
};

/** Keys are taken one after the other: once this one did its work, all before it did theirs. */
const everythingTaken = async (screen: Opened): Promise<void> => {
	screen.press('5');
	await screen.see('following');
};

test('one key, alone, approves what was read', async () => {
	await using screen = await openConsole({before: asking(1)});
	await reading(screen);
	screen.press('a');
	await expect.poll(() => openRequests(screen)).toBe(0);
	await screen.see(/^› ✓ approved/m);
});

test.each([
	['a paste that holds the key', ['\u001B[200~a\u001B[201~']],
	['the key twice in one chunk', ['aa']],
	['the key among others', ['ja']],
	['a click', ['\u001B[<0;10;5M', '\u001B[<0;10;5m']],
	['what the terminal answers', ['\u001B[?1;2c', '\u001B]11;rgb:aaaa/aaaa/aaaa\u0007', '\u001BP1+r61=61\u001B\\']],
	['the key that comes with the focus', ['\u001B[I', 'a']],
	['the key that comes right after a paste', ['\u001B[200~x\u001B[201~', 'a']],
])('%s decides nothing', async (_, chunks) => {
	await using screen = await openConsole({before: asking(1)});
	await reading(screen);
	for (const chunk of chunks) {
		screen.press(chunk);
	}

	await everythingTaken(screen);
	expect(openRequests(screen)).toBe(1);
});

test('keys typed ahead of a request decide nothing', async () => {
	await using screen = await openConsole({before: asking(1)});
	for (const key of ['a', '4', 'a', 'a', 'a', 'a']) {
		screen.press(key);
	}

	await everythingTaken(screen);
	expect(openRequests(screen)).toBe(1);
});

test('a key held down decides one request, not the next', async () => {
	await using screen = await openConsole({before: asking(2)});
	await reading(screen);
	for (const key of ['a', 'a', 'g', 'a', 'a', 'a', 'g', 'a']) {
		screen.press(key);
	}

	await everythingTaken(screen);
	await expect.poll(() => openRequests(screen)).toBe(1);
	const {escalations} = screen.world.orchestrator.getState();
	expect(Object.values(escalations).map(({state}) => state)).toEqual(['answered', 'open']);
});

test('after a change of size keys are dead until it was drawn and read again', async () => {
	await using screen = await openConsole({before: asking(1)});
	await reading(screen);
	screen.resize(100, 30);
	screen.press('a');
	await everythingTaken(screen);
	expect(openRequests(screen)).toBe(1);
	await reading(screen);
	screen.press('a');
	await expect.poll(() => openRequests(screen)).toBe(0);
});

test('a terminal too small to read in decides nothing', async () => {
	await using screen = await openConsole({columns: 20, rows: 5, before: asking(1)});
	screen.press('4');
	screen.press('a');
	screen.press('d');
	screen.resize(80, 24);
	await everythingTaken(screen);
	expect(openRequests(screen)).toBe(1);
});

test('a high risk is approved by typing its word, and by no other', async () => {
	const before = async (world: World) => {
		const {run} = await world.start({label: 'cleaner'});
		await world.raise(run, {payload: {argv: ['rm', '-rf', 'build'], cwd: '/'}});
	};

	await using screen = await openConsole({rows: 40, before});
	screen.press('4');
	await screen.see('a approve (by typing “destructive”)');
	screen.press('a');
	for (const key of [...'yes', '\r']) {
		screen.press(key);
	}

	await screen.see('Type “destructive” to approve this');
	expect(openRequests(screen)).toBe(1);
	for (const key of ['\u007F', '\u007F', '\u007F', ...'destructive', '\r']) {
		screen.press(key);
	}

	await expect.poll(() => openRequests(screen)).toBe(0);
});

test('a long request is approved after its end was seen, not before', async () => {
	const before = async (world: World) => {
		const {run} = await world.start({label: 'installer'});
		await world.raise(run, {payload: {argv: ['npm', 'ci', ...Array.from({length: 40}, (_, index) => `--argument-${index}`)], cwd: '/'}});
	};

	await using screen = await openConsole({before});
	screen.press('4');
	await screen.see('read on before you approve');
	screen.press('a');
	await screen.see('Scroll to its end');
	expect(openRequests(screen)).toBe(1);
	for (let page = 0; page < 12; page++) {
		const [place] = /lines \d+-\d+/.exec((await screen.lines()).join('\n')) ?? [''];
		if ((await screen.lines()).join('\n').includes(', the end')) {
			break;
		}

		screen.press(']');
		await screen.gone(place);
	}

	await screen.see(/^ a approve · d deny .*the end/m);
	screen.press('a');
	await expect.poll(() => openRequests(screen)).toBe(0);
});
