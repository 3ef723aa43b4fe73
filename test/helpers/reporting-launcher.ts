import type {Activity, LauncherPort, PtyInfo, Report} from '../../source/launcher-port.js';
import {ptyIdOf} from '../../source/launcher-port.js';
import {createScriptedLauncher} from './scripted-launcher.js';

type Attempt = {readonly runId: string; readonly generation: number};

type ReportOf = Report extends infer One ? (One extends Report ? Omit<One, 'id' | 'atMs'> : never) : never;

/** A launcher whose ptys, reports and connection are in the test's hand, and which keeps what it is told to stop. */
export const createReportingLauncher = () => {
	const ptys = new Map<string, PtyInfo>();
	const stopped: string[] = [];
	const acknowledged: string[] = [];
	const reports = new Set<(report: Report) => void>();
	const connections = new Set<(connected: boolean) => void>();
	const activities = new Set<(activity: Activity) => void>();
	let ids = 0;
	let listed = 0;

	const launcher: LauncherPort = {
		...createScriptedLauncher().launcher,
		async list() {
			listed += 1;
			return [...ptys.values()];
		},
		async stop(ptyId) {
			stopped.push(ptyId);
			ptys.delete(ptyId);
			return {processes: 1, survivors: 0, killed: false};
		},
		onReport(listener) {
			reports.add(listener);
			return () => reports.delete(listener);
		},
		onConnection(listener) {
			connections.add(listener);
			return () => connections.delete(listener);
		},
		onActivity(listener) {
			activities.add(listener);
			return () => activities.delete(listener);
		},
		acknowledge: reportIds => acknowledged.push(...reportIds),
	};
	return {
		launcher,
		stopped: (): readonly string[] => stopped,
		acknowledged: (): readonly string[] => acknowledged,
		/** How often it was asked what it has. */
		listed: () => listed,
		has({runId, generation}: Attempt) {
			const ptyId = ptyIdOf({runId, generation});
			ptys.set(ptyId, {ptyId, runId, generation, sessionId: 'ses', pid: 7, startedAtMs: 0, columns: 80, rows: 24});
		},
		exits({runId, generation}: Attempt) {
			const ptyId = ptyIdOf({runId, generation});
			ptys.set(ptyId, {...ptys.get(ptyId)!, exit: {exitCode: 0, signal: null, outputBytes: 0}});
		},
		loses: (attempt: Attempt) => ptys.delete(ptyIdOf(attempt)),
		report(report: ReportOf) {
			ids += 1;
			for (const listener of reports) {
				listener({...report, id: `rep_${ids}`, atMs: 0} as Report);
			}
		},
		connection(isConnected: boolean) {
			for (const listener of connections) {
				listener(isConnected);
			}
		},
		activity(attempt: Attempt, told: Partial<Activity>) {
			for (const listener of activities) {
				listener({ptyId: ptyIdOf(attempt), outputBytes: 1, lastOutputAtMs: 0, title: '', bells: 0, ...told});
			}
		},
	};
};
