import {realpathSync} from 'node:fs';

/** The file that starts this program under any of its names, for those who start it again: the launcher, agents' `agentctl`. */
export const thisProgram = realpathSync(process.argv[1]!);
