import {describe, expect, it} from 'vitest';
import type {Act, Focus, Place} from '../../source/keys/binding.js';
import {appliesIn, bindingOf} from '../../source/keys/chord.js';
import {actOfKey, actOfText} from '../../source/keys/dispatch.js';
import {footerKeys} from '../../source/keys/footer.js';
import {keyTable} from '../../source/keys/help.js';
import {helpRows, placeNames} from '../../source/keys/help-rows.js';
import {keymap} from '../../source/keys/keymap.js';
import {paletteEntries} from '../../source/keys/palette.js';
import {statusOf} from '../../state/agent/agent-status.js';
import {type Arming, armingEvent, armingRules, createArming} from '../../state/escalation/arming.js';
import {emptyField, fieldOf} from '../../state/view/text-field.js';
import {type Intent, isScreenName, screenNames, updateView} from '../../state/view/view.js';
import {focusOn, viewOf} from '../helpers/focus.js';
import {agentOf, createStateFleet, type StateFleet} from '../helpers/state-fleet.js';

const places = Object.keys(placeNames) as readonly Place[];
const show = (screen: 'escalations' | 'queue' | 'breakers'): Intent => ({type: 'show', screen});

const press = (fleet: StateFleet, key: string, overrides?: Partial<Focus>): Act | undefined => actOfKey(focusOn(fleet, key, overrides));

describe('the table of keys', () => {
	it('gives every key one meaning in every place', () => {
		for (const place of places) {
			const here = keymap.filter(binding => appliesIn(binding, place) && binding.places !== 'all' && !binding.id.startsWith('text.'));
			const keys = here.flatMap(binding => binding.keys);
			expect(
				keys.filter((key, index) => keys.indexOf(key) !== index),
				place,
			).toEqual([]);
		}
	});

	it('has no two bindings of one name, and none that its key does not reach', () => {
		expect(new Set(keymap.map(({id}) => id)).size).toBe(keymap.length);
		for (const binding of keymap) {
			const reached = places.some(place => binding.keys.some(key => bindingOf(keymap, place, key) === binding));
			expect(reached, binding.id).toBe(true);
		}
	});

	it('is told whole by the help and by the table of the readme', () => {
		const inHelp = helpRows(keymap).flatMap(({binding}) => (binding ? [binding.id] : []));
		expect(inHelp.toSorted()).toEqual(keymap.map(({id}) => id).toSorted());
		const table = keyTable();
		for (const {title, help} of keymap) {
			expect(table).toContain(`${title}: ${help}`);
		}

		expect(table.split('\n')).toHaveLength(keymap.length + 2);
	});

	it('says in every place which of its keys the footer names', () => {
		const fleet = createStateFleet();
		for (const screen of screenNames) {
			const focus = focusOn(fleet, '', {view: viewOf(fleet, {type: 'show', screen})});
			const named = footerKeys(focus).map(({id}) => id);
			const wanted = keymap.filter(binding => binding.footer && appliesIn(binding, screen)).map(({id}) => id);
			expect(named.toSorted(), screen).toEqual(wanted.toSorted());
			expect(named).toContain('help');
			expect(named).toContain('quit');
		}
	});
});

describe('a read-only console', () => {
	it('refuses every key that would change anything, with a sentence', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.raise(run);
		for (const binding of keymap.filter(({changes}) => changes)) {
			const [place] = binding.places === 'all' ? (['sessions'] as const) : binding.places;
			expect(place).toBeDefined();
			expect(press(fleet, binding.keys[0]!, {readOnly: true, keymap: [binding], view: viewAt(fleet, place!)}), binding.id).toEqual({
				refusal: expect.stringContaining('read-only') as string,
			});
		}
	});

	it('sends no command and no effect but quitting and exporting, whatever is pressed anywhere', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		fleet.raise(run);
		for (const place of places) {
			for (const key of new Set(keymap.flatMap(({keys}) => keys))) {
				const act = press(fleet, key, {readOnly: true, view: viewAt(fleet, place)});
				const isHarmless =
					act === undefined || act.refusal !== undefined || (!act.command && ['quit', 'export', undefined].includes(act.effect?.type));
				expect(isHarmless, `${key} in ${place}`).toBe(true);
			}
		}
	});
});

/** A view with the keys going to this place; questions cannot be open in a read-only console. */
const viewAt = (fleet: StateFleet, place: Place) => {
	const sessionId = Object.keys(fleet.state.sessions)[0] ?? '';
	const escalationId = [...fleet.state.index.openEscalations][0] ?? '';
	const {fingerprint = ''} = fleet.state.escalations[escalationId] ?? {};
	const input = fieldOf('x');
	const overlays: Partial<Record<Place, Intent>> = {
		prompt: {type: 'open', overlay: {kind: 'prompt', sessionId, input}},
		answer: {type: 'open', overlay: {kind: 'answer', escalationId, fingerprint, input}},
		'deny-reason': {type: 'open', overlay: {kind: 'deny-reason', escalationId, fingerprint, input}},
		'approve-always': {type: 'open', overlay: {kind: 'approve-always', subjectId: escalationId, fingerprint, input}},
		'approve-word': {type: 'open', overlay: {kind: 'approve-word', escalationId, fingerprint, word: 'x', input}},
		'new-session': {
			type: 'open',
			overlay: {kind: 'new-session', field: 'text', agent: 'shell', text: input, cwd: fieldOf('/w'), label: emptyField},
		},
		palette: {type: 'open', overlay: {kind: 'palette', input: emptyField, index: 0}},
		help: {type: 'open', overlay: {kind: 'help', top: 0}},
		export: {type: 'open', overlay: {kind: 'export', sessionId, format: 'markdown'}},
		filter: {type: 'open', overlay: {kind: 'filter', input, before: ''}},
		stopping: {type: 'open', overlay: {kind: 'stopping', runIds: []}},
		why: {type: 'open', overlay: {kind: 'why', runId: Object.keys(fleet.state.runs)[0] ?? '', top: 0}},
		correct: {
			type: 'open',
			overlay: {
				...{kind: 'correct', runId: Object.keys(fleet.state.runs)[0] ?? '', adapter: 'command', activity: 'idle', from: 'screen'},
				...{lines: [{text: 'ready', fromBottom: 0}], marked: [0], index: 0, screen: ['ready']},
			},
		},
	};
	const screens: readonly Place[] = screenNames;
	const shown: readonly Intent[] = screens.includes(place) ? [{type: 'show', screen: place as 'queue'}] : [];
	return viewOf(fleet, ...shown, ...(overlays[place] ? [overlays[place]] : []));
};

describe('keys that cannot act', () => {
	it('say why, in the words of the coordinator', () => {
		const fleet = createStateFleet();
		expect(press(fleet, 'enter')).toEqual({refusal: 'There is no session here yet: n starts one.'});
		const {session, run} = fleet.start({label: 'planner'});
		fleet.exited(run);
		expect(press(fleet, 'enter')?.refusal).toContain('planner has no live terminal');
		expect(press(fleet, 'x')?.refusal).toContain('planner has nothing to stop');
		expect(press(fleet, 'tab')).toEqual({refusal: 'Nobody waits for you.'});
		expect(press(fleet, 'r', {view: viewOf(fleet, show('breakers'))})?.refusal).toContain('is closed and has no failures');
		expect(session).not.toBe('');
	});

	it('are shown as such in the footer', () => {
		const fleet = createStateFleet();
		const attach = () => footerKeys(focusOn(fleet, '')).find(({id}) => id === 'session.attach');
		expect(attach()?.refusal).toBeDefined();
		fleet.start();
		expect(attach()?.refusal).toBeUndefined();
	});
});

describe('sending a line', () => {
	const sent = (fleet: StateFleet, sessionId: string, text: string) =>
		press(fleet, 'enter', {view: viewOf(fleet, {type: 'open', overlay: {kind: 'prompt', sessionId, input: fieldOf(text)}})});

	it('types into a live agent, and queues for any other', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start({label: 'planner'});
		expect(sent(fleet, session, 'go on')).toMatchObject({command: {type: 'message.type', sessionId: session, text: 'go on'}});
		fleet.exited(run);
		expect(sent(fleet, session, 'again')).toMatchObject({command: {type: 'message.send', sessionId: session, text: 'again'}});
		expect(sent(fleet, session, ' ')?.refusal).toContain('Write something');
	});

	it('interrupts a live agent where that is asked for, and nobody else', () => {
		const fleet = createStateFleet();
		const {session, run} = fleet.start({label: 'planner'});
		const view = () => viewOf(fleet, {type: 'open', overlay: {kind: 'prompt', sessionId: session, input: fieldOf('stop that')}});
		for (const key of ['ctrl+x', 'alt+enter']) {
			expect(press(fleet, key, {view: view()})).toMatchObject({
				command: {type: 'message.send', sessionId: session, text: 'stop that', mode: 'interrupt'},
			});
		}

		expect(footerKeys(focusOn(fleet, '', {view: view()})).map(({key, title}) => `${key} ${title}`)).toContain('ctrl+x Interrupt');
		fleet.exited(run);
		expect(press(fleet, 'ctrl+x', {view: view()})?.refusal).toContain('planner is doing nothing');
	});
});

describe('why a run is where it is', () => {
	const overlayOf = (act: Act | undefined) => {
		const [intent] = act && act.refusal === undefined ? act.intents : [];
		return intent?.type === 'open' ? intent.overlay : undefined;
	};

	it('is asked of the selected session, or run', () => {
		const fleet = createStateFleet();
		expect(press(fleet, 'w')?.refusal).toContain('never told to do anything');
		const {run} = fleet.start({label: 'planner'});
		expect(overlayOf(press(fleet, 'w'))).toEqual({kind: 'why', runId: run, top: 0});
		const queued = fleet.message(fleet.run(run).sessionId);
		const onQueue = viewOf(fleet, show('queue'), {type: 'select', id: queued});
		expect(overlayOf(press(fleet, 'w', {view: onQueue}))).toEqual({kind: 'why', runId: queued, top: 0});
	});

	it('can be corrected where a rule about the screen would be heard, and nowhere else', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		const view = viewOf(fleet, {type: 'open', overlay: {kind: 'why', runId: run, top: 0}});
		expect(press(fleet, 'c', {view})).toMatchObject({effect: {type: 'read-screen', runId: run, generation: 1}});
		const say = (source: 'screen' | 'title' | 'hook', evidence: string) => {
			const status = statusOf({activity: 'idle', source, confidence: 1, evidence, atMs: fleet.now()});
			fleet.send({type: 'agent.report', runId: run, generation: 1, report: {kind: 'status', status}}, agentOf(run));
		};

		say('screen', 'a rule');
		expect(press(fleet, 'c', {view})).toMatchObject({effect: {type: 'read-screen'}});
		say('title', 'its title is "✳ Ready"');
		expect(overlayOf(press(fleet, 'c', {view}))).toMatchObject({kind: 'correct', from: 'title', lines: [{text: '✳ Ready'}], marked: [0]});
		say('hook', 'a hook');
		expect(press(fleet, 'c', {view})?.refusal).toContain('Its own hook says so (idle)');
	});

	it('is corrected by what is marked, and by nothing else', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start();
		let view = viewOf(fleet, {
			type: 'open',
			overlay: {
				...{kind: 'correct', runId: run, adapter: 'codex', activity: 'working', from: 'screen'},
				...{lines: ['a b', 'c d'].map((text, fromBottom) => ({text, fromBottom})), marked: [0], index: 0, screen: ['c d', 'a b']},
			},
		});
		const presses = (...keys: readonly string[]) => {
			for (const key of keys) {
				const act = press(fleet, key, {view});
				view = (act && act.refusal === undefined ? act.intents : []).reduce(updateView, view);
			}

			return press(fleet, 'enter', {view});
		};

		expect(presses('right', 'right')).toMatchObject({
			effect: {type: 'correct-status', correction: {adapter: 'codex', activity: 'idle', lines: [{text: 'a b', fromBottom: 0}]}},
		});
		expect(presses('space')?.refusal).toContain('Mark at least one line');
		expect(presses('down', 'space')).toMatchObject({effect: {correction: {lines: [{text: 'c d', fromBottom: 1}]}}});
		expect(overlayOf(press(fleet, 'escape', {view}))).toMatchObject({kind: 'why', runId: run});
	});
});

describe('an alert', () => {
	it('leads to what it is about', () => {
		const fleet = createStateFleet();
		const {run, session} = fleet.start();
		const pressOn = (key: string) => {
			const view = viewOf(fleet, {type: 'show', screen: 'alerts'}, {type: 'rows', screen: 'alerts', ids: [key]});
			const act = press(fleet, 'enter', {view});
			return act && act.refusal === undefined ? act.intents[0] : act?.refusal;
		};

		expect(pressOn(`stuck:${run}`)).toMatchObject({type: 'reveal', screen: 'sessions', id: session});
		expect(pressOn(`unresponsive:${session}`)).toMatchObject({type: 'reveal', screen: 'sessions', id: session});
		expect(pressOn('breaker:agent:codex')).toMatchObject({type: 'reveal', screen: 'breakers', id: 'agent:codex'});
		expect(pressOn('budget:all/tokens')).toMatchObject({type: 'reveal', screen: 'breakers', id: 'budget:all/tokens'});
		expect(pressOn('dead-letters')).toEqual({type: 'show', screen: 'dead-letters'});
		expect(pressOn('stuck:run_gone')).toBe('What it is about is gone.');
	});
});

describe('stopping', () => {
	it('asks first and names everything below', () => {
		const fleet = createStateFleet();
		const parent = fleet.start({label: 'planner'});
		const child = fleet.queue({parentRunId: parent.run, label: 'tester'}, agentOf(parent.run));
		const act = press(fleet, 'x');
		expect(act).toMatchObject({intents: [{type: 'open', overlay: {kind: 'confirm', affected: ['planner', 'planner / tester']}}]});
		expect(act).not.toHaveProperty('command');
		const [open] = act?.refusal === undefined ? act!.intents : [];
		const view = updateView(viewOf(fleet), open!);
		expect(press(fleet, 'enter', {view})).toBeUndefined();
		expect(press(fleet, 'y', {view})).toMatchObject({command: {type: 'session.stop', sessionId: parent.session, tree: true}});
		expect(child.run).not.toBe('');
	});

	it('asks before quitting only where the agents would end with the console', () => {
		const fleet = createStateFleet();
		fleet.start({label: 'planner'});
		expect(press(fleet, 'q')).toMatchObject({effect: {type: 'quit'}});
		expect(press(fleet, 'q', {embedded: true})).toMatchObject({intents: [{overlay: {kind: 'confirm', affected: ['planner']}}]});
		expect(press(createStateFleet(), 'q', {embedded: true})).toMatchObject({effect: {type: 'quit'}});
	});
});

describe('deciding', () => {
	const askedFleet = () => {
		const fleet = createStateFleet();
		const {run} = fleet.start({cwd: '/w'});
		const {id, fingerprint} = fleet.raise(run, {kind: 'question'});
		return {fleet, id, fingerprint, run};
	};

	const armed = (fleet: StateFleet, escalationId: string, fingerprint: string): Arming => {
		const request = {escalationId, fingerprint, firstLine: 0, endLine: 3, lineCount: 3};
		const arming = armingEvent(createArming(), {type: 'painted', request, atMs: fleet.now()});
		fleet.advance(armingRules.longestMs);
		return arming;
	};

	it('is dead until the request was painted and read', () => {
		const {fleet} = askedFleet();
		expect(press(fleet, 'd', {view: viewOf(fleet, show('escalations'))})?.refusal).toContain('not on the screen yet');
	});

	it('takes no key that came with others', () => {
		const {fleet, id, fingerprint} = askedFleet();
		const arming = armed(fleet, id, fingerprint);
		const view = viewOf(fleet, show('escalations'));
		expect(press(fleet, 'd', {view, arming, alone: false})?.refusal).toContain('Several keys');
		expect(press(fleet, 'd', {view, arming})).toMatchObject({intents: [{overlay: {kind: 'deny-reason', escalationId: id, fingerprint}}]});
	});

	it('never happens by enter, space, escape or y on the screen itself', () => {
		const {fleet, id, fingerprint} = askedFleet();
		const arming = armed(fleet, id, fingerprint);
		for (const key of ['enter', 'space', 'escape', 'y', 'Y']) {
			const act = press(fleet, key, {view: viewOf(fleet, show('escalations')), arming});
			expect(act !== undefined && act.refusal === undefined && act.command !== undefined, key).toBe(false);
		}
	});

	it('asks for a typed word when the risk is high', () => {
		const fleet = createStateFleet();
		const {run} = fleet.start({cwd: '/w'});
		const {id, fingerprint} = fleet.raise(run, {kind: 'approval'});
		const arming = armed(fleet, id, fingerprint);
		const opened = press(fleet, 'a', {view: viewOf(fleet, show('escalations')), arming});
		expect(opened).toMatchObject({intents: [{overlay: {kind: 'approve-word', word: 'unknown'}}]});
		const typed = (text: string) =>
			viewOf(fleet, show('escalations'), {
				type: 'open',
				overlay: {kind: 'approve-word', escalationId: id, fingerprint, word: 'unknown', input: fieldOf(text)},
			});
		expect(press(fleet, 'enter', {view: typed('yes'), arming})?.refusal).toContain('unknown');
		expect(press(fleet, 'enter', {view: typed('unknown'), arming})).toMatchObject({
			command: {type: 'escalation.decide', escalationId: id, fingerprint, choice: 'approve', word: 'unknown'},
		});
	});

	it('is not done by the palette', () => {
		const {fleet, id, fingerprint} = askedFleet();
		const arming = armed(fleet, id, fingerprint);
		const palette: Intent = {type: 'open', overlay: {kind: 'palette', input: fieldOf('deny'), index: 0}};
		const view = viewOf(fleet, show('escalations'), palette);
		expect(paletteEntries(focusOn(fleet, '', {view}))[0]?.binding.id).toBe('escalation.deny');
		expect(press(fleet, 'enter', {view, arming})?.refusal).toContain('Only the key d decides');
	});
});

describe('the palette', () => {
	const found = (text: string) => {
		const fleet = createStateFleet();
		const view = viewOf(fleet, {type: 'open', overlay: {kind: 'palette', input: fieldOf(text), index: 0}});
		return paletteEntries(focusOn(fleet, '', {view})).map(({binding}) => binding.id);
	};

	it('offers every action of every screen', () => {
		const ofScreens = keymap.filter(({places: where}) => where === 'all' || where.some(isScreenName)).map(({id}) => id);
		expect(found('').toSorted()).toEqual(ofScreens.filter(id => id !== 'palette').toSorted());
	});

	it('finds by the letters of a name, and by words of the description', () => {
		expect(found('att')[0]).toBe('session.attach');
		expect(found('stev')[0]).toBe('stop-everything');
		expect(found('machines')).toEqual(['show.launchers']);
		expect(found('zzz')).toEqual([]);
	});

	it('goes to the screen of an action that works elsewhere', () => {
		const fleet = createStateFleet();
		const view = viewOf(fleet, {type: 'open', overlay: {kind: 'palette', input: fieldOf('trip'), index: 0}});
		expect(press(fleet, 'enter', {view})).toMatchObject({intents: [{type: 'close'}, {type: 'show', screen: 'breakers'}]});
	});
});

describe('typed and pasted text', () => {
	it('goes where a text is written, and nowhere else', () => {
		const fleet = createStateFleet();
		const {session} = fleet.start();
		expect(actOfText({view: viewOf(fleet)}, 'rm -rf')).toBeUndefined();
		const view = viewOf(fleet, {type: 'open', overlay: {kind: 'prompt', sessionId: session, input: emptyField}});
		expect(actOfText({view}, 'rm -rf')).toMatchObject({intents: [{type: 'edit', edit: {type: 'insert', text: 'rm -rf'}}]});
		for (const key of ['q', 'Q', 'x', 'a', '1', 'space']) {
			expect(press(fleet, key, {view}), key).toMatchObject({intents: [{type: 'edit'}]});
		}
	});
});
