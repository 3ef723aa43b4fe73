const endingSignals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

export type EndingSignal = (typeof endingSignals)[number];

/** The part of `process` the guard listens to and acts on. */
export type GuardedProcess = {
	readonly pid: number;
	kill(pid: number, signal: string): unknown;
	on(event: string, listener: () => void): unknown;
	off(event: string, listener: () => void): unknown;
};

export type ExitGuardOptions = {
	readonly process: GuardedProcess;
	/** Gives the terminal back, at once; called on every way out, so it must be harmless twice. */
	readonly restore: () => void;
	/** The same before the process is stopped. */
	readonly suspend: () => void;
	/** The process runs again after a stop: takes the terminal once more. */
	readonly resume: () => void;
	/** Takes over what happens after a signal that ends the process. Without it the signal has its usual effect. */
	readonly onSignal?: ((signal: EndingSignal) => void) | undefined;
};

/**
 * Sees to it that the operator's terminal is given back however the process ends: exit, an uncaught error (Node emits `exit` before it prints the
 * error), the signals that end, and for as long as the process is stopped. Returns what calls the guard off.
 */
export const guardExit = ({process, restore, suspend, resume, onSignal}: ExitGuardOptions): (() => void) => {
	const stop = () => {
		suspend();
		process.kill(process.pid, 'SIGSTOP');
	};

	const goOn = () => {
		resume();
		// Only the foreground hears of a new size: it may have changed while this process was stopped.
		process.kill(process.pid, 'SIGWINCH');
	};

	const endings = endingSignals.map(signal => {
		const end = () => {
			restore();
			if (onSignal) {
				onSignal(signal);
				return;
			}

			process.off(signal, end);
			process.kill(process.pid, signal);
		};

		return [signal, end] as const;
	});
	const listeners = [['exit', restore], ['SIGTSTP', stop], ['SIGCONT', goOn], ...endings] as const;

	for (const [event, listener] of listeners) {
		process.on(event, listener);
	}

	return () => {
		for (const [event, listener] of listeners) {
			process.off(event, listener);
		}
	};
};
