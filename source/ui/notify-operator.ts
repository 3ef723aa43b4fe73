import type {Fact} from '../../state/fact.js';
import type {AlertLevel} from '../../state/safety/alert.js';
import {isNewEpisode} from '../../state/safety/alert-episodes.js';
import {mayDisturb, type QuietHours} from '../../state/safety/quiet-hours.js';
import type {State} from '../../state/state.js';
import type {Orchestrator} from '../orchestrator.js';
import {createNotifier, type Notification} from '../terminal/notify.js';
import type {OperatorTerminal} from '../terminal/operator-terminal.js';

type News = Notification & {readonly level: AlertLevel};

const alertTitles: Readonly<Record<AlertLevel, string>> = {urgent: 'Urgent', warning: 'Warning', notice: 'Notice'};

/** What a fact is to the operator, if it is anything worth a bell: a request that is still open, or the beginning of an alert. */
const newsOf = (state: State, fact: Fact): News | undefined => {
	switch (fact.type) {
		case 'escalation.raised': {
			// What a policy or a grant answered in the same breath asks nothing of anybody.
			const isOpen = state.escalations[fact.escalation.id]?.state === 'open';
			const {label = 'An agent'} = state.sessions[fact.escalation.sessionId] ?? {};
			return isOpen ? {level: 'warning', title: `${label} waits for you`, body: fact.escalation.text} : undefined;
		}

		case 'alert.raised': {
			const {level, sentence} = fact.alert;
			return isNewEpisode(fact) ? {level, title: alertTitles[level], body: sentence} : undefined;
		}

		default: {
			return undefined;
		}
	}
};

/** Minutes since midnight, where the operator is. */
const minutesOfDay = (nowMs: number): number => {
	const now = new Date(nowMs);
	return now.getHours() * 60 + now.getMinutes();
};

/** Rings once for each new request and each new alert, never in a storm; in quiet hours only for what is urgent. Answers what ends it. */
export const notifyOperator = ({
	orchestrator,
	terminal,
	quietHours,
}: {
	readonly orchestrator: Orchestrator;
	readonly terminal: OperatorTerminal;
	readonly quietHours: QuietHours | undefined;
}): (() => void) => {
	const notifier = createNotifier({terminal});
	const stop = orchestrator.subscribe(batch => {
		for (const {fact} of batch) {
			const news = newsOf(orchestrator.getState(), fact);
			if (news && mayDisturb(news.level, quietHours, minutesOfDay(orchestrator.now()))) {
				notifier.notify(news);
			}
		}
	});
	return () => {
		stop();
		notifier.close();
	};
};
