import type {Arming} from '../../state/escalation/arming.js';
import {sessionRowIds} from '../../state/view/session-rows.js';
import type {View} from '../../state/view/view.js';
import type {Fleet} from '../fleet.js';
import type {Layout} from './layout.js';
import type {ScreenProps} from './screen-props.js';
import {AlertsScreen, rowIds as alertIds} from './screens/alerts-screen.js';
import {BreakersScreen, rowIds as breakerIds} from './screens/breakers-screen.js';
import {DeadLettersScreen, rowIds as deadLetterIds} from './screens/dead-letters-screen.js';
import {EscalationsScreen, rowIds as escalationIds} from './screens/escalations-screen.js';
import {EventsScreen, rowIds as eventIds} from './screens/events-screen.js';
import {LaunchersScreen, rowIds as launcherIds} from './screens/launchers-screen.js';
import {QueueScreen, rowIds as queueIds} from './screens/queue-screen.js';
import {SessionsScreen} from './screens/sessions-screen.js';

export type ShownScreenProps = ScreenProps & {readonly arming: Arming; readonly layout: Layout};

/** The screen the view shows. */
export const ShownScreen = ({arming, layout, ...props}: ShownScreenProps) => {
	switch (props.view.screen) {
		case 'sessions': {
			return <SessionsScreen {...props} layout={layout} />;
		}

		case 'queue': {
			return <QueueScreen {...props} />;
		}

		case 'breakers': {
			return <BreakersScreen {...props} />;
		}

		case 'escalations': {
			return <EscalationsScreen {...props} arming={arming} />;
		}

		case 'events': {
			return <EventsScreen {...props} />;
		}

		case 'launchers': {
			return <LaunchersScreen {...props} />;
		}

		case 'dead-letters': {
			return <DeadLettersScreen {...props} />;
		}

		case 'alerts': {
			return <AlertsScreen {...props} />;
		}
	}
};

/** The ids of the rows the shown screen has now, in their order. */
export const shownRowIds = ({orchestrator}: Fleet, view: View, nowMs: number): readonly string[] => {
	const state = orchestrator.getState();
	switch (view.screen) {
		case 'sessions': {
			return sessionRowIds(state, view);
		}

		case 'queue': {
			return queueIds(state, view, nowMs);
		}

		case 'breakers': {
			return breakerIds(state, view, nowMs);
		}

		case 'escalations': {
			return escalationIds(state, view);
		}

		case 'events': {
			return eventIds(state, view, nowMs, orchestrator.recent());
		}

		case 'launchers': {
			return launcherIds(state, view);
		}

		case 'dead-letters': {
			return deadLetterIds(state, view);
		}

		case 'alerts': {
			return alertIds(state, view);
		}
	}
};
