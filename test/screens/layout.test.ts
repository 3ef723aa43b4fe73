import fc from 'fast-check';
import {expect, it} from 'vitest';
import {type Area, layoutOf} from '../../source/ui/layout.js';

const size = fc.record({columns: fc.integer({min: 1, max: 600}), rows: fc.integer({min: 1, max: 250})});

const isInside = ({x, y, columns, rows}: Area, outer: Area): boolean =>
	columns >= 0 && rows >= 0 && x >= outer.x && y >= outer.y && x + columns <= outer.x + outer.columns && y + rows <= outer.y + outer.rows;

it('keeps everything inside the terminal, and the pane below what is said about it, at every size', () => {
	fc.assert(
		fc.property(size, ({columns, rows}) => {
			const {isTooSmall, body, treeColumns, detail, pane, hasRules, hasTabs} = layoutOf({columns, rows});
			if (isTooSmall) {
				return;
			}

			expect(isInside(body, {x: 0, y: 0, columns, rows})).toBe(true);
			expect(body.rows).toBeGreaterThan(0);
			expect(body.y + body.rows + 1 + (hasRules ? 1 : 0)).toBe(rows);
			expect(body.y).toBe(1 + (hasTabs ? 1 : 0) + (hasRules ? 1 : 0));
			for (const area of [detail, pane]) {
				expect(area === undefined || isInside(area, body)).toBe(true);
				expect(area === undefined || area.x > treeColumns).toBe(true);
			}

			if (detail && pane) {
				expect(pane.y).toBe(detail.y + detail.rows);
				expect(pane.rows).toBeGreaterThan(0);
				expect(pane.y + pane.rows).toBe(body.y + body.rows);
			}
		}),
	);
});

it('shows the live screen from 70 columns on', () => {
	expect(layoutOf({columns: 69, rows: 24}).pane).toBeUndefined();
	expect(layoutOf({columns: 70, rows: 24}).pane).toBeDefined();
});
