/** A colour as the operator's terminal is assumed to show it, and as queries are answered: three bytes. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The default foreground, background and cursor of the screens we tell agents about: light text on a dark ground. */
export const defaultColours = {
	foreground: [0xd8, 0xd8, 0xd8],
	background: [0x18, 0x18, 0x18],
	cursor: [0xd8, 0xd8, 0xd8],
} as const satisfies Readonly<Record<string, Colour>>;

/** xterm's first sixteen. */
const named: readonly Colour[] = [
	[0x00, 0x00, 0x00],
	[0xcd, 0x00, 0x00],
	[0x00, 0xcd, 0x00],
	[0xcd, 0xcd, 0x00],
	[0x00, 0x00, 0xee],
	[0xcd, 0x00, 0xcd],
	[0x00, 0xcd, 0xcd],
	[0xe5, 0xe5, 0xe5],
	[0x7f, 0x7f, 0x7f],
	[0xff, 0x00, 0x00],
	[0x00, 0xff, 0x00],
	[0xff, 0xff, 0x00],
	[0x5c, 0x5c, 0xff],
	[0xff, 0x00, 0xff],
	[0x00, 0xff, 0xff],
	[0xff, 0xff, 0xff],
];

const cubeFrom = 16;
const greysFrom = 232;

const cubeLevel = (step: number): number => (step === 0 ? 0 : 55 + step * 40);

/** The colour of a palette index (0–255): 16 names, a cube of 6×6×6, 24 greys. */
export const paletteColour = (index: number): Colour => {
	if (index < cubeFrom) {
		return named[index]!;
	}

	if (index >= greysFrom) {
		const grey = 8 + (index - greysFrom) * 10;
		return [grey, grey, grey];
	}

	const cube = index - cubeFrom;
	return [cubeLevel(Math.floor(cube / 36)), cubeLevel(Math.floor(cube / 6) % 6), cubeLevel(cube % 6)];
};

const hex = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(2);

/** The form in which terminals tell a colour: `rgb:rrrr/gggg/bbbb`. */
export const colourSpec = (colour: Colour): string => `rgb:${colour.map(hex).join('/')}`;
