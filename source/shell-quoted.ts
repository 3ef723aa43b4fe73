/** Words for a POSIX shell: each in single quotes, so that nothing is read into it. */
export const shellQuoted = (argv: readonly string[]): string => argv.map(word => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
