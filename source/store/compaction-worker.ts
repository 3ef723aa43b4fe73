import {workerData} from 'node:worker_threads';
import {compactFolder} from './compact.js';
import type {Position} from './record.js';

/** What the worker is started with; it ends when the folder is compacted, or with the error that stopped it. */
export type CompactionOrder = {readonly folder: string; readonly upTo: Position};

await compactFolder(workerData as CompactionOrder);
