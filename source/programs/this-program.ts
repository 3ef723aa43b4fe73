import {fileURLToPath} from 'node:url';

/** The file that starts this program under any of its names, for those who start it again: the launcher, agents' `agentctl`. */
export const thisProgram = fileURLToPath(new URL('../../cli.js', import.meta.url));
