import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';

/** Why there is nothing to compare with; `undefined` when tmux is installed. */
export const whyNoTmux = (): string | undefined => {
	const isThere = (process.env['PATH'] ?? '').split(':').some(folder => existsSync(path.join(folder, 'tmux')));
	return isThere ? undefined : 'tmux is not installed, so there is nothing to compare with';
};

/** A tmux server of its own, with its own socket and no configuration. */
export const openTmux = ({columns, rows, historyLines = 2000}: {columns: number; rows: number; historyLines?: number}) => {
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-tui-tmux-'));
	const socket = path.join(folder, 'socket');
	const config = ['-f', '/dev/null', '-S', socket];
	const tmux = (...args: string[]): string =>
		execFileSync('tmux', [...config, ...args], {encoding: 'utf8', env: {...process.env, TMUX: undefined, LANG: 'C.UTF-8'}});
	tmux('new-session', '-d', '-s', 'bench', '-x', String(columns), '-y', String(rows), 'cat');
	tmux('set-option', '-g', 'history-limit', String(historyLines));
	tmux('set-option', '-g', 'status', 'off');
	const pid = Number(tmux('display-message', '-p', '#{pid}').trim());
	const close = (): void => {
		process.off('exit', close);
		try {
			tmux('kill-server');
		} catch {
			// It ended by itself.
		}

		rmSync(folder, {recursive: true, force: true});
	};
	process.once('exit', close);
	return {
		pid,
		/** Arguments with which a client attaches: `tmux …attachArgs`. */
		attachArgs: [...config, 'attach', '-t', 'bench'],
		/** Starts a program in a window of its own. */
		window(file: string, ...args: string[]): string {
			return tmux('new-window', '-d', '-P', '-F', '#{window_id}', '-t', 'bench', [file, ...args].join(' ')).trim();
		},
		select(window: string): void {
			tmux('select-window', '-t', window);
		},
		/** The title of a window's pane. */
		title: (window: string): string => tmux('display-message', '-p', '-t', window, '#{pane_title}').trim(),
		screen: (window: string): string => tmux('capture-pane', '-p', '-t', window),
		close,
	};
};
