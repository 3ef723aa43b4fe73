import path from 'node:path';

/** The programs behind the one file. */
export const programs = ['console', 'daemon', 'ctl', 'launcher', 'export', 'reset', 'mcp', 'host', 'acp', 'policy'] as const;

export type ProgramName = (typeof programs)[number];

/** Which program was asked for, by the name of the bin or by the first argument, and the arguments left for it. */
export const programOf = (argv: readonly string[]): {readonly name: ProgramName; readonly args: readonly string[]} => {
	const [, file = '', first, ...rest] = argv;
	const bin = path.basename(file);
	const all = first === undefined ? [] : [first, ...rest];
	if (bin === 'agentd') {
		return {name: 'daemon', args: all};
	}

	if (bin === 'agentctl') {
		return {name: 'ctl', args: all};
	}

	const named = programs.find(name => name !== 'console' && name === first);
	return named ? {name: named, args: rest} : {name: 'console', args: all};
};
