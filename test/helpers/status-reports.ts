import type {Screen} from './open-screen.js';

/** Every status report that reaches the operator's terminal, in order. */
export const hearStatusReports = ({stdout}: Pick<Screen, 'stdout'>): readonly string[] => {
	const heard: string[] = [];
	const write = stdout.write.bind(stdout);
	stdout.write = (data, onWritten) => {
		heard.push(
			...(Buffer.from(data)
				.toString()
				.match(/\u001B\]7501;[^\u001B]*\u001B\\/g) ?? []),
		);
		return write(data, onWritten);
	};
	return heard;
};
