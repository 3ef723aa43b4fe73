import {isInside} from './path-inside.js';
import {isOfTheSystem, type PlainCommand, programName} from './unwrap-command.js';

/** What a command does at worst, from harmless to grave. */
export const riskKinds = ['read', 'write', 'network', 'outside', 'send', 'unknown', 'destructive', 'privileged'] as const;

export type RiskKind = (typeof riskKinds)[number];

/** A kind and the fact that makes it so, in words. The words may hold text of the agent: show them through `visible`. */
export type Finding = {readonly kind: RiskKind; readonly because: string};

/** Where a command would run, and the folder that is the agent's own. */
export type Place = {readonly cwd: string; readonly folder: string};

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const programs: ReadonlyArray<readonly [kind: RiskKind, names: ReadonlySet<string>]> = [
	[
		'read',
		wordsOf(
			'ls cat head tail grep egrep fgrep rg wc stat file pwd echo printf date whoami id uname which diff cmp comm uniq cut tr tree du df ps basename dirname realpath readlink true false test [ cd sleep sha256sum md5sum nl column jq seq find',
		),
	],
	[
		'write',
		wordsOf(
			'touch mkdir cp mv ln tee chmod patch tar unzip zip gzip gunzip sort sed tsc vitest jest pytest ruff eslint prettier biome mocha make cmake ninja gradle mvn',
		),
	],
	['network', wordsOf('curl wget npm pnpm yarn pip pip3 uv gem bundle composer ping dig host nslookup')],
	['send', wordsOf('ssh scp sftp rsync ftp nc ncat netcat telnet socat mail sendmail')],
	['destructive', wordsOf('rm rmdir unlink shred truncate dd fdisk parted wipefs kill pkill killall')],
	[
		'privileged',
		wordsOf(
			'su pkexec runuser chown mount umount systemctl service reboot shutdown halt poweroff iptables nft useradd usermod userdel passwd visudo crontab at insmod modprobe sysctl apt apt-get dpkg yum dnf pacman brew setcap',
		),
	],
];

const becauseOf: Readonly<Record<RiskKind, (name: string) => string>> = {
	read: name => `${name} reads`,
	write: name => `${name} writes`,
	network: name => `${name} reaches the network`,
	outside: name => `${name} leaves the folder of the session`,
	send: name => `${name} sends data out`,
	unknown: name => `nothing is known about ${name}`,
	destructive: name => `${name} destroys`,
	privileged: name => `${name} changes the machine`,
};

const found = (kind: RiskKind, because: string): Finding => ({kind, because});

const has = (args: readonly string[], pattern: RegExp): string | undefined => args.find(arg => pattern.test(arg));

const gitReads = wordsOf(
	'status log diff show rev-parse ls-files ls-tree blame grep describe shortlog reflog cat-file merge-base name-rev',
);
const gitWrites = wordsOf(
	'add commit switch checkout merge rebase stash cherry-pick restore mv tag init apply am revert worktree branch notes remote',
);
const gitNetwork = wordsOf('fetch pull clone ls-remote submodule');
const gitDestroys = wordsOf('clean rm gc prune filter-branch');

const gitFinding = (args: readonly string[]): Finding => {
	const verbAt = args.findIndex(arg => !arg.startsWith('-'));
	const verb = args[verbAt] ?? '';
	if (verbAt > 0 && has(args.slice(0, verbAt), /^(?!--no-pager$|-P$)/)) {
		return found('unknown', `git is told to behave otherwise (${args[0]})`);
	}

	const rest = args.slice(verbAt + 1);
	const forced = has(rest, /^(--force.*|-[a-zA-Z]*[fD][a-zA-Z]*|--hard|--delete|drop|clear|--discard-changes|--|\.|\+.*|:.*)$/);
	if (gitDestroys.has(verb) || (forced !== undefined && !gitReads.has(verb) && verb !== 'add') || (verb === 'reset' && rest.length > 0)) {
		return found('destructive', `git ${verb} ${forced ?? ''}`.trim().concat(' discards what is there'));
	}

	if (verb === 'push') {
		return found('send', 'git push sends data out');
	}

	const program = has(rest, /^(--upload-pack|--exec|-x|--ext-diff|--textconv|-O|--open-files-in-pager|-c)/);
	if (program !== undefined) {
		return found('unknown', `git ${verb} ${program} runs another program`);
	}

	if (has(rest, /^(--output|-o)/) || gitWrites.has(verb)) {
		return found('write', `git ${verb} writes`);
	}

	return gitReads.has(verb)
		? found('read', `git ${verb} reads`)
		: gitNetwork.has(verb)
			? found('network', `git ${verb} reaches the network`)
			: found('unknown', `nothing is known about git ${verb}`);
};

const packageFinding = (name: string, args: readonly string[]): Finding => {
	const verb = args.find(arg => !arg.startsWith('-')) ?? '';
	if (/^(publish|login|adduser|token|owner|push|yank)$/.test(verb)) {
		return found('send', `${name} ${verb} sends data out`);
	}

	if (/^(exec|x|dlx|create|config|set)$/.test(verb) || has(args, /^(-g|--global|--prefix|--index-url|--registry)/)) {
		return found('unknown', `${name} ${verb} may do anything`);
	}

	return /^(test|t|run|run-script|start|build)$/.test(verb)
		? found('write', `${name} ${verb} runs the project’s own code`)
		: found('network', `${name} ${verb} reaches the network`.replace('  ', ' '));
};

const uploads = /^(-[a-zA-Z]*[dFT]|--data.*|--form.*|--upload-file.*|--post-.*|--json.*|-X.*|--request.*|--method.*|--body-.*)/;
const curlFinding = (name: string, args: readonly string[]): Finding => {
	if (has(args, uploads)) {
		return found('send', `${name} sends data out`);
	}

	if (has(args, /^file:/i)) {
		return found('outside', `${name} reads a file wherever it is`);
	}

	return has(args, /^(-K|--config|-e$|--use-askpass)/)
		? found('unknown', `${name} takes its orders from a file`)
		: found('network', `${name} reaches the network`);
};

const findFinding = (args: readonly string[]): Finding =>
	has(args, /^-delete$/)
		? found('destructive', 'find -delete destroys')
		: has(args, /^-f(print|ls)/)
			? found('write', 'find writes a file')
			: found('read', 'find reads');

const plainSed = /^(?:(?:\d+|\$)?(?:,(?:\d+|\$))?[pd]|s([/|#,])(?:(?!\1).)*\1(?:(?!\1).)*\1[gIp\d]*)$/;

const sedFinding = (args: readonly string[]): Finding => {
	const script = args.find(arg => !arg.startsWith('-')) ?? '';
	const isPlain = plainSed.test(script) && args.every(arg => !arg.startsWith('-') || /^(-n|-E|-r|-i|--in-place)$/.test(arg));
	if (!isPlain) {
		return found('unknown', 'sed can run programs and write files');
	}

	return has(args, /^(-i|--in-place)/) ? found('write', 'sed -i writes') : found('read', 'sed reads');
};

const cargoFinding = (name: string, args: readonly string[]): Finding =>
	/^(build|test|check|fmt|clippy|vet|doc)$/.test(args[0] ?? '')
		? found('write', `${name} ${args[0]} runs the project’s own code`)
		: found('unknown', `${name} ${args[0] ?? ''} may do anything`.replace('  ', ' '));

const special: Readonly<Record<string, (args: readonly string[], name: string) => Finding>> = {
	git: gitFinding,
	npm: (args, name) => packageFinding(name, args),
	pnpm: (args, name) => packageFinding(name, args),
	yarn: (args, name) => packageFinding(name, args),
	cargo: (args, name) => cargoFinding(name, args),
	go: (args, name) => cargoFinding(name, args),
	curl: (args, name) => curlFinding(name, args),
	wget: (args, name) => curlFinding(name, args),
	find: findFinding,
	sed: sedFinding,
	tar: args =>
		has(args, /^(--checkpoint-action|--to-command|-I|--use-compress-program|-F|--info-script)/)
			? found('unknown', 'tar runs another program')
			: found('write', 'tar writes'),
	rg: args => (has(args, /^--(pre|hostname-bin)/) ? found('unknown', 'rg runs another program') : found('read', 'rg reads')),
	sort: args =>
		has(args, /^(-o|--output)/)
			? found('write', 'sort -o writes')
			: has(args, /^--compress-program/)
				? found('unknown', 'sort runs another program')
				: found('read', 'sort reads'),
};

const withoutPaths = wordsOf('echo printf date sleep seq true false');

const programFinding = (program: string, args: readonly string[]): Finding => {
	const name = programName(program);
	if (!isOfTheSystem(program)) {
		return found('unknown', `nothing is known about ${program}`);
	}

	const kind = programs.find(([, names]) => names.has(name))?.[0] ?? 'unknown';
	return Object.hasOwn(special, name) ? special[name]!(args, name) : found(kind, becauseOf[kind](name));
};

const pathsIn = (args: readonly string[]): readonly string[] =>
	args
		.map(arg => (arg.startsWith('-') ? arg.replace(/^-[^=/~]*=?/, '') : arg))
		.filter(path => (path.includes('/') || path === '..' || path.startsWith('~')) && !/^[a-z][a-z+]*:\/\//.test(path));

const outsideFindings = (name: string, paths: readonly string[], place: Place): readonly Finding[] => {
	const path = paths.find(at => at !== '/dev/null' && !isInside(at, {cwd: place.cwd, folder: place.folder}));
	return path === undefined ? [] : [found('outside', `${name} names ${path}, outside the folder of the session`)];
};

/** Variables that decide which program runs, or what else it loads. */
const steering =
	/^(PATH|IFS|SHELL|ENV|BASH_.*|LD_.*|DYLD_.*|GIT_.*|NODE_.*|NPM_.*|npm_.*|PYTHON.*|PERL.*|RUBY.*|JAVA_.*|.*EDITOR|.*PAGER|.*_OPTIONS|.*_OPTS|.*PRELOAD.*|HOME|.*_PROXY|.*_proxy|PROMPT_COMMAND|SSH_.*)$/;

/** What the names of changed environment variables may bring about. */
export const variableFindings = (names: readonly string[]): readonly Finding[] =>
	names.filter(name => steering.test(name)).map(name => found('unknown', `it changes ${name}, which steers what runs`));

/** Everything to know about one program that would run. */
export const commandFindings = ({argv, redirects, variables}: PlainCommand, place: Place): readonly Finding[] => {
	const [program, ...args] = argv;
	const written = redirects.filter(path => !/^(\d+|-|\/dev\/null)$/.test(path));
	const around = [
		...(written.length > 0 ? [found('write', 'it writes a file')] : []),
		...outsideFindings('a redirection', written, place),
		...variableFindings(variables),
	];
	if (program === undefined) {
		return around;
	}

	const paths = withoutPaths.has(programName(program)) ? [] : pathsIn(args);
	return [programFinding(program, args), ...outsideFindings(programName(program), paths, place), ...around];
};
