import {describe, expect, test} from 'vitest';
import {builtinScreenRules} from '../../source/agents/screen-rules/builtin.js';
import {createScreenReader, type ScreenReader} from '../../source/agents/screen-rules/reader.js';
import {whyUnsafePattern} from '../../source/agents/screen-rules/safe-pattern.js';
import {parseScreenRules} from '../../source/agents/screen-rules/schema.js';
import {rulesFor} from '../../source/agents/screen-rules/user-rules.js';
import {agentScreens, drawnScreen} from '../helpers/agent-screens.js';

const agents = builtinScreenRules.map(({agent}) => agent);
const readers: ReadonlyMap<string, ScreenReader> = new Map(
	agents.map(agent => [agent, createScreenReader(rulesFor(agent, builtinScreenRules))]),
);
const drawn = agentScreens.map(shown => ({...shown, screen: drawnScreen(shown)}));

describe('a real screen', () => {
	test('was kept of every agent that has rules, blocked, working and idle', () => {
		for (const agent of agents) {
			const activities = agentScreens.filter(one => one.agent === agent).map(({activity}) => activity);
			expect([agent, ...new Set(activities)].sort()).toEqual([agent, 'blocked', 'idle', 'working'].sort());
		}
	});

	test('is there for every rule', () => {
		const seen = agentScreens.map(({agent, rule}) => `${agent}: ${rule}`);
		const rules = builtinScreenRules.flatMap(({agent, rules}) => rules.map(({name}) => `${agent}: ${name}`));
		expect(rules.filter(rule => !seen.includes(rule))).toEqual([]);
	});

	test.each(drawn)('$name: the rule "$rule" matches, and tells $activity', ({agent, rule, activity, kind, screen}) => {
		const reading = readers.get(agent)!.screen(screen.text('screen'));
		expect(reading?.rule).toMatchObject({name: rule, activity, ...(kind !== undefined && {kind})});
	});

	test.each(drawn)('$name: no rule of another agent claims it', ({agent, screen}) => {
		const others = agents.filter(one => one !== agent);
		const claims = others.flatMap(other => {
			const reading = readers.get(other)!.screen(screen.text('screen'));
			return reading ? [`${other}: ${reading.rule.name}`] : [];
		});
		expect(claims).toEqual([]);
	});

	test.each(drawn)('$name: its title says nothing else', ({agent, title, activity, screen}) => {
		expect(screen.title).toBe(title);
		const told = readers.get(agent)!.title(title.trim())?.activity;
		expect([undefined, activity]).toContain(told);
	});

	test.each(drawn)('$name: exactly the keys that are known can be pressed', ({agent, keys = [], screen}) => {
		const reader = readers.get(agent)!;
		const prompt = reader.screen(screen.text('screen'))?.prompt;
		const offered = ['approve', 'deny'].filter(name => prompt && 'send' in reader.keys(prompt, name));
		expect(offered).toEqual(keys);
	});
});

describe('a prompt', () => {
	const claude = readers.get('claude')!;
	const shown = (name: string) => drawn.find(one => one.name === name)!.screen.text('screen');

	test('holds the whole question, from the first line to the last', () => {
		const {lines = []} = claude.screen(shown('claude-permission'))?.prompt ?? {};
		expect(lines.at(0)).toMatch(/^─+$/);
		expect(lines).toContain(' sleep 4 && touch proof.txt');
		expect(lines.at(-1)).toBe(' Esc to cancel · Tab to amend');
	});

	test('that is not on the screen whole cannot be answered', () => {
		const lines = shown('claude-permission');
		const cut = lines.slice(lines.findIndex(line => /^─+$/.test(line)) + 1);
		const reading = claude.screen(cut);
		expect(reading?.rule.activity).toBe('blocked');
		expect(reading?.prompt).toBeUndefined();
	});

	test('that only stands further up is no prompt', () => {
		const quoted = [...shown('claude-permission'), ...shown('claude-idle').slice(-8)];
		expect(claude.screen(quoted)?.rule.activity).toBe('idle');
	});

	test('whose answers were renumbered gets no key', () => {
		const gone = shown('claude-permission').map(line => line.replace(' ❯ 1. Yes', ' ❯ 1. Allow everything'));
		expect(claude.screen(gone)).toBeUndefined();
		const prompt = claude.screen(shown('claude-question'))!.prompt!;
		expect(claude.keys(prompt, 'approve')).toEqual({why: expect.stringContaining('has no keys')});
	});

	test('chosen otherwise on a list that Enter confirms gets no Enter', () => {
		const pi = readers.get('pi')!;
		const moved = shown('pi-permission').map(line => line.replace(' → Allow', '   Allow').replace('   Deny', ' → Deny'));
		const prompt = pi.screen(moved)!.prompt!;
		expect(pi.keys(prompt, 'approve')).toEqual({why: expect.stringContaining('does not offer')});
		expect(pi.keys(prompt, 'deny')).toEqual({send: '\u001B'});
	});
});

describe('rules of the operator', () => {
	const rule = {name: 'asks', activity: 'blocked', region: 5, all: ['^ready\\?'], confidence: 1};

	test('come first, and replace those of the same name', () => {
		const own = parseScreenRules({agent: 'claude', rules: [{...rule, name: 'idle', activity: 'error'}]});
		const {rules} = rulesFor('claude', [own, ...builtinScreenRules]);
		expect(rules[0]).toMatchObject({name: 'idle', activity: 'error'});
		expect(rules.filter(({name}) => name === 'idle')).toHaveLength(1);
	});

	test.each([
		['a misspelt key', {agent: 'x', rules: [{...rule, nome: 'x'}]}, /nome/],
		['an unknown activity', {agent: 'x', rules: [{...rule, activity: 'asleep'}]}, /activity/],
		['a region of the whole history', {agent: 'x', rules: [{...rule, region: 10_000}]}, /region/],
		['no pattern', {agent: 'x', rules: [{...rule, all: []}]}, /all/],
		['a pattern that explodes', {agent: 'x', rules: [{...rule, all: ['(a+)+$']}]}, /repeats a group/],
		['something else', [], /the file/],
	])('with %s are refused, naming the place', (_, value, place) => {
		expect(() => parseScreenRules(value)).toThrow(place);
	});

	test.each(['(a+)+$', '(a|a)*b', '(?:x*){2,}', '((a)?b?)+', '(a)\\1', 'a*b*c*d', '[', '', 'x'.repeat(301)])(
		'pattern %j is refused',
		pattern => {
			expect(whyUnsafePattern(pattern)).toBeDefined();
		},
	);

	test.each(['^ (?:Yes|No)$', '\\(a+\\)+', '[(a+)*]+', '(?:abc)+', 'a{3}b{1,4}', '^│ [❯ ] 1\\. Yes +│$'])(
		'pattern %j is allowed',
		pattern => {
			expect(whyUnsafePattern(pattern)).toBeUndefined();
		},
	);

	test('look at no more of a line than its beginning', () => {
		const reader = createScreenReader(parseScreenRules({agent: 'x', rules: [{...rule, all: ['needle']}]}));
		expect(reader.screen([`${'.'.repeat(490)}needle`])).toBeDefined();
		expect(reader.screen([`${'.'.repeat(500)}needle`])).toBeUndefined();
	});
});
