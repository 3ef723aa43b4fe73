const spinner = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];

/** One frame of a coding agent at work: a status block repainted in a synchronized update, now and then with lines that scroll. */
const frame = (n: number): string => {
	const edited = Array.from(
		{length: 3},
		(_, line) =>
			`\u001B[K\u001B[32m●\u001B[0m Edited \u001B[1msource/file-${n + line}.ts\u001B[0m with \u001B[38;5;34m${n % 90}\u001B[0m additions\r\n`,
	);
	const scrolled = n % 4 === 0 ? edited.join('') : '';
	const rule = '─'.repeat(100);
	return [
		`\u001B[?2026h\u001B[6A\r${scrolled}\u001B[K\u001B[38;5;208m${spinner[n % 10]} Thinking…\u001B[0m \u001B[2m(${n}s · ↓ ${n * 31} tokens · esc to interrupt)\u001B[0m`,
		'\u001B[K',
		`\u001B[K╭${rule}╮`,
		'\u001B[K│ \u001B[1m>\u001B[0m try “fix the failing test in queue.ts”',
		`\u001B[K╰${rule}╯`,
		`\u001B[K  \u001B[2m? for shortcuts\u001B[0m    \u001B[2mcontext left: ${100 - (n % 100)}%\u001B[0m\r\n\u001B[?2026l`,
	].join('\r\n');
};

/** At least so many bytes of what a coding agent writes; the same every time. */
export const agentStream = (bytes: number): Buffer => {
	const part = Buffer.from(Array.from({length: 1000}, (_, n) => frame(n)).join(''));
	return Buffer.concat(Array.from({length: Math.ceil(bytes / part.length)}, () => part));
};
