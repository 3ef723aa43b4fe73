import {commands} from './commands.js';
import {usage} from './failure.js';
import {flagDefinitions, globalFlags} from './flags.js';

const nouns = [...new Set(commands.map(({words}) => words[0]!))];

const flagsOf = (names: readonly string[]): string => [...names, ...globalFlags].map(name => `--${name}`).join(' ');

/** A branch for every noun and every command: what may follow it. */
const branches = (): string =>
	[
		...nouns.map(noun => {
			const verbs = commands.filter(({words}) => words[0] === noun).map(({words}) => words[1]!);
			return `    '${noun}') words='${verbs.join(' ')}' ;;`;
		}),
		...commands.map(({words, flags}) => `    '${words.join(' ')}') words='${flagsOf(flags)}' ;;`),
	].join('\n');

const bash = (): string => `_agentctl() {
  local words key='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) [[ "$key" == *' '* ]] || key="\${key:+$key }$word" ;;
    esac
  done
  case "$key" in
    '') words='${nouns.join(' ')} help completion ${flagsOf([])}' ;;
${branches()}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _agentctl agentctl
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

const fish = (): string => {
	const verbs = commands.map(({words: [noun, verb], about}) => {
		const condition = `"__fish_seen_subcommand_from ${noun}"`;
		return `complete -c agentctl -f -n ${condition} -a ${verb} -d ${quoted(about)}`;
	});
	const flags = Object.entries(flagDefinitions).map(
		([name, {type, about}]) => `complete -c agentctl -l ${name}${type === 'string' ? ' -x' : ''} -d ${quoted(about)}`,
	);
	return `${[`complete -c agentctl -f -n __fish_use_subcommand -a ${quoted(nouns.join(' '))}`, ...verbs, ...flags].join('\n')}\n`;
};

/** The script that completes agentctl's commands and flags in a shell; throws a usage failure for one that is not known. */
export const completionScript = (shell: string | undefined): string => {
	switch (shell) {
		case 'bash': {
			return bash();
		}

		case 'zsh': {
			return `autoload -U +X bashcompinit && bashcompinit\n${bash()}`;
		}

		case 'fish': {
			return fish();
		}

		default: {
			throw usage('Which shell? agentctl completion knows bash, zsh, fish.', 'For example: source <(agentctl completion bash)');
		}
	}
};
