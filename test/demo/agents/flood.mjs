// A scripted agent that prints as fast as its terminal takes it, for a while.
const [seconds = '15'] = process.argv.slice(2);
const endMs = performance.now() + Number(seconds) * 1000;
const line = `${'the quick brown fox jumps over the lazy dog '.repeat(2)}\n`.repeat(40);
const write = () => {
	if (performance.now() < endMs) {
		process.stdout.write(line, () => setImmediate(write));
	}
};
write();
