/** A compiled file of the last build, for child processes, which cannot run TypeScript; `file` is relative to the project, ending in `.js`. */
export const compiledFile = (file: string): URL => {
	const isCompiled = import.meta.url.endsWith('.js');
	return new URL(isCompiled ? `../../${file}` : `../../dist/${file}`, import.meta.url);
};
