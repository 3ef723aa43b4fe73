import process from 'node:process';
import {runCtl} from '../ctl/ctl.js';

/** `agentctl`. */
export const main = (args: readonly string[]): Promise<number> =>
	runCtl(args, {env: process.env, stdout: process.stdout, stderr: process.stderr});
