import {Resvg} from '@resvg/resvg-js';
import type {Cell} from '../helpers/outer-terminal.js';

const palette = [
	'#1d1f28',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#c8ccd4',
	'#5c6370',
	'#ff7b86',
	'#b1e18b',
	'#f0d197',
	'#7cc3ff',
	'#d992f0',
	'#6fd3e0',
	'#ffffff',
] as const;
const ink = '#c8ccd4';
const paper = '#16181d';

/** The colour of a palette number or a 24-bit value; -1 is the default. */
const colour = (value: number, byDefault: string): string => {
	if (value < 0) {
		return byDefault;
	}

	if (value < 16) {
		return palette[value]!;
	}

	if (value < 232) {
		const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
		const index = value - 16;
		return `rgb(${level(Math.floor(index / 36))},${level(Math.floor(index / 6) % 6)},${level(index % 6)})`;
	}

	if (value < 256) {
		const grey = 8 + (value - 232) * 10;
		return `rgb(${grey},${grey},${grey})`;
	}

	return `#${value.toString(16).padStart(6, '0')}`;
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const cellSvg = (cell: Cell, x: number, y: number, {width, height}: {width: number; height: number}): string => {
	const [front, back] = cell.inverse
		? [colour(cell.background, paper), colour(cell.foreground, ink)]
		: [colour(cell.foreground, ink), colour(cell.background, paper)];
	const box =
		back === paper
			? ''
			: `<rect x="${x}" y="${y}" width="${width * Math.max(1, cell.width) + 0.3}" height="${height + 0.3}" fill="${back}"/>`;
	const style = `${cell.bold ? ' font-weight="bold"' : ''}${cell.dim ? ' opacity="0.6"' : ''}${cell.underline ? ' text-decoration="underline"' : ''}`;
	const text =
		cell.text.trim() === '' ? '' : `<text x="${x}" y="${y + height * 0.76}" fill="${front}"${style}>${escaped(cell.text)}</text>`;
	return box + text;
};

/** A PNG of a terminal's screen, cell by cell, as an operator would see it. */
export const pictureOf = ({columns, rows, cell}: {columns: number; rows: number; cell: (x: number, y: number) => Cell}): Uint8Array => {
	const size = {width: 8.43, height: 18};
	const margin = 14;
	const parts: string[] = [];
	for (let y = 0; y < rows; y += 1) {
		for (let x = 0; x < columns; x += 1) {
			parts.push(cellSvg(cell(x, y), margin + x * size.width, margin + y * size.height, size));
		}
	}

	const [width, height] = [columns * size.width + margin * 2, rows * size.height + margin * 2];
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono" font-size="14"><rect width="100%" height="100%" rx="10" fill="${paper}"/>${parts.join('')}</svg>`;
	return new Resvg(svg, {fitTo: {mode: 'zoom', value: 1.5}, font: {loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans Mono'}})
		.render()
		.asPng();
};
