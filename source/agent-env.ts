/** Variables that every agent gets from the operator's environment. Everything else stays with the operator. */
const alwaysPassed = [
	'HOME',
	'USER',
	'LOGNAME',
	'SHELL',
	'LANG',
	'LANGUAGE',
	'LC_*',
	'TZ',
	'TMPDIR',
	'EDITOR',
	'VISUAL',
	'PAGER',
	'XDG_CONFIG_HOME',
	'XDG_DATA_HOME',
	'XDG_CACHE_HOME',
	'XDG_STATE_HOME',
	'HTTP_PROXY',
	'HTTPS_PROXY',
	'NO_PROXY',
	'http_proxy',
	'https_proxy',
	'no_proxy',
	'SSL_CERT_FILE',
	'SSL_CERT_DIR',
	'NODE_EXTRA_CA_CERTS',
] as const;

const isNamed = (name: string, patterns: readonly string[]): boolean =>
	patterns.some(pattern => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));

/**
 * The whole environment of an agent: what is allow-listed, what its adapter names, what its plan sets, and what tells it who it is.
 * The operator's token, other agents' keys, TMUX and SSH_AUTH_SOCK are not among them.
 */
export const agentEnvironment = ({
	env,
	passed,
	added,
	identity,
	binFolder,
}: {
	env: NodeJS.ProcessEnv;
	passed: readonly string[];
	added: Readonly<Record<string, string>>;
	/** The `AGENT_TUI_…` variables. */
	identity: Readonly<Record<string, string>>;
	binFolder: string;
}): Record<string, string> => {
	const inherited = Object.entries(env).filter(
		(entry): entry is [string, string] =>
			entry[1] !== undefined && isNamed(entry[0], [...alwaysPassed, ...passed]) && !entry[0].startsWith('AGENT_TUI_'),
	);
	const searchPath = added['PATH'] ?? env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
	return {
		...Object.fromEntries(inherited),
		TERM: 'xterm-256color',
		COLORTERM: 'truecolor',
		...added,
		PATH: `${binFolder}:${searchPath}`,
		...identity,
	};
};
