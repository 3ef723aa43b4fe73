import type {Lane} from '../../state/queue/lane.js';
import type {RunOptions} from '../../state/run/run.js';
import type {MessageBody} from './schemas.js';

type WireOptions = Partial<
	Pick<MessageBody, 'lane' | 'depends_on' | 'on_dependency_failure' | 'demands' | 'retry' | 'preemptible' | 'preempts' | 'deadline_at_ms'>
>;

/** What was asked for beside the text of a run, under the names of State; what was left out stays away. */
export const runOptionsOf = (body: WireOptions): RunOptions & {readonly lane?: Lane} => {
	const options = {
		lane: body.lane,
		dependsOn: body.depends_on,
		onDependencyFailure: body.on_dependency_failure,
		demands: body.demands,
		retry: body.retry,
		isPreemptible: body.preemptible,
		preempts: body.preempts,
		deadlineAtMs: body.deadline_at_ms,
	};
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
};
