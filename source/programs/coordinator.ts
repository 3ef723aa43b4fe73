import {mkdirSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {nanoid} from 'nanoid';
import {watchActivity} from '../activity-watch.js';
import {probeAgents} from '../agent-probe.js';
import {adapters} from '../agents/registry.js';
import {type PtySize, performAttempts} from '../attempts.js';
import {openChannels} from '../channels.js';
import {checkPlans} from '../check-plans.js';
import {createClock} from '../clock.js';
import type {Config} from '../config.js';
import {startDispatch} from '../dispatch.js';
import type {Fleet} from '../fleet.js';
import type {LauncherPort} from '../launcher-port.js';
import {noteLaunchersAway} from '../launchers-away.js';
import {keepLedger} from '../ledger-file.js';
import type {Log} from '../log.js';
import {createOrchestrator} from '../orchestrator.js';
import {startOutbox} from '../outbox.js';
import type {Paths} from '../paths.js';
import {takeReports} from '../reports.js';
import {openTokens, type Tokens} from '../run-token.js';
import {watchScreenPrompts} from '../screen-prompts.js';
import {shellQuoted} from '../shell-quoted.js';
import {watchSilentRefusals} from '../silent-refusals.js';
import {openStore} from '../store/open-store.js';
import type {Recorded} from '../store-port.js';
import {reachLauncher} from './reach-launcher.js';

export type CoordinatorOptions = {
	readonly paths: Paths;
	readonly role: 'console' | 'agentd';
	readonly project: string;
	readonly env: NodeJS.ProcessEnv;
	readonly config: Config;
	/** The file that starts this program; agents' `agentctl` and the launcher are the same file under other names. */
	readonly programFile: string;
	readonly embedded: boolean;
	readonly readOnly: boolean;
	readonly ptySize: () => PtySize;
	readonly log: Log;
	readonly tcpPort?: number | undefined;
	readonly extraOperatorTokens?: readonly string[];
};

/** The orchestrator with everything around it. */
export type Coordinator = {
	readonly fleet: Fleet;
	/** Reaches the launcher, opens the gateway and starts dispatching. Apart from opening, so that the first frame need not wait. */
	begin(): Promise<void>;
	/** Leaves: agents in a launcher process go on, embedded ones are stopped. */
	close(): Promise<void>;
};

/** How far back the list of events reaches at the start. */
const eventsShown = 500;

/** Puts an `agentctl` and an `agent-tui` of this very program, run by this very Node, where agents find them. */
const writePrograms = ({binFolder}: Paths, programFile: string): void => {
	mkdirSync(binFolder, {recursive: true, mode: 0o700});
	for (const [name, words] of [
		['agentctl', ' ctl'],
		['agent-tui', ''],
	] as const) {
		const script = `#!/bin/sh\nexec ${shellQuoted([process.execPath, programFile])}${words} "$@"\n`;
		writeFileSync(path.join(binFolder, name), script, {mode: 0o700});
	}
};

const newestFacts = async (read: AsyncIterable<Recorded>): Promise<readonly Recorded[]> => {
	const facts: Recorded[] = [];
	for await (const recorded of read) {
		facts.push(recorded);
	}

	return facts;
};

/** Opens the store and the orchestrator over it. Rejects with a sentence when another coordinator has the state folder. */
export const openCoordinator = async (options: CoordinatorOptions): Promise<Coordinator> => {
	const {paths, role, project, embedded, readOnly, config, log} = options;
	const {store, state, repairs} = await openStore({folder: paths.folder, role});
	const news = repairs.map(({what, kept}) => `Mended the store: ${what}${kept === undefined ? '' : ` (kept as ${kept})`}`);
	for (const sentence of news) {
		log(sentence);
	}

	const clock = createClock({notBeforeMs: state.lastAtMs});
	const core = createOrchestrator({store, state, clock, newId: prefix => `${prefix}_${nanoid(12)}`});
	const orchestrator = checkPlans(core, {host: os.hostname(), env: options.env});
	// Before the first frame, so that a first key finds the agents there.
	const {launcherTags, quietHours: _, ...settings} = config;
	await orchestrator.send({type: 'settings.configure', ...settings}, {actor: {role: 'system'}});
	let launcher: LauncherPort | undefined;
	const endings: Array<() => unknown> = [];

	const startGateway = async (tokens: Tokens): Promise<void> => {
		const {startGateway: start} = await import('../gateway/gateway.js');
		const {tcpPort, extraOperatorTokens} = options;
		const gateway = await start({
			orchestrator,
			launcher: () => launcher,
			tokens,
			paths,
			log,
			hooksOf: name => adapters.get(name)?.hooks,
			probeAgents: () => probeAgents(options.env, {adapters: adapters.values()}),
			readFacts: store.read,
			project,
			...(tcpPort !== undefined && {tcp: {port: tcpPort}}),
			...(extraOperatorTokens && {extraOperatorTokens}),
		});
		endings.push(gateway.close);
	};

	const begin = async (): Promise<void> => {
		const tokens = openTokens(paths.operatorTokenFile);
		writePrograms(paths, options.programFile);
		await startGateway(tokens);
		const reached = await reachLauncher({paths, embedded, programFile: options.programFile, log});
		launcher = reached.launcher;
		const {env, ptySize} = options;
		const channels = openChannels({orchestrator, adapters, paths, env, log});
		const interruptChannel = channels.interrupt;
		await noteLaunchersAway({orchestrator, reachedId: launcher.launcherId});
		endings.push(
			keepLedger({orchestrator, folder: paths.folder, log}),
			channels.close,
			performAttempts({orchestrator, launcher, adapters, paths, tokens, env, ptySize, interruptChannel, log}),
			watchScreenPrompts({orchestrator, launcher, adapters, log}),
			watchSilentRefusals({orchestrator, launcher, adapters, log}),
			watchActivity({orchestrator, launcher, log}),
			takeReports({orchestrator, launcher, embedded, host: os.hostname(), pid: reached.pid, tags: launcherTags, log}),
			startOutbox({orchestrator, launcher: () => launcher, recording: paths.recording, log}),
			startDispatch({orchestrator, log}),
		);
		core.precede(await newestFacts(store.read(Math.max(0, store.seq - eventsShown))));
	};

	const fleet: Fleet = {orchestrator, launcher: () => launcher, paths, project, embedded, remote: false, readOnly, news};
	return {
		fleet,
		begin,
		async close() {
			for (const end of endings.reverse()) {
				await end();
			}

			await launcher?.close();
			await store.close();
		},
	};
};
