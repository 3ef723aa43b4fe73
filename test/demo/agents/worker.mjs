// A scripted agent that looks like a coding agent at work: a few lines of progress, a status line repainted ten times a second, then an end.
const [seconds = '20', task = 'the task'] = process.argv.slice(2);
const steps = [
	'Reading the code',
	'Searching for callers',
	'Planning the change',
	'Editing source/queue.ts',
	'Running the tests',
	'Summing up',
];
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const totalMs = Number(seconds) * 1000;
const startedMs = performance.now();
let step = -1;
process.stdout.write(`\u001B[1m> ${task}\u001B[0m\n\n`);
const timer = setInterval(() => {
	const elapsedMs = performance.now() - startedMs;
	const current = Math.min(steps.length - 1, Math.floor((elapsedMs / totalMs) * steps.length));
	while (step < current) {
		step += 1;
		process.stdout.write(
			`\r\u001B[K\u001B[32m●\u001B[0m ${steps[step]}\n  \u001B[2m└ ${(3 + step * 7) % 19} files, ${(41 * (step + 1)) % 230} lines\u001B[0m\n`,
		);
	}

	const frame = frames[Math.floor(elapsedMs / 100) % frames.length];
	process.stdout.write(
		`\r\u001B[K\u001B[35m${frame} ${steps[current]}…\u001B[0m \u001B[2m(${Math.floor(elapsedMs / 1000)}s · ↓ ${(elapsedMs / 37).toFixed(0)} tokens)\u001B[0m`,
	);
	if (elapsedMs >= totalMs) {
		clearInterval(timer);
		process.stdout.write('\r\u001B[K\n\u001B[32m✓ Done.\u001B[0m\n');
	}
}, 100);
