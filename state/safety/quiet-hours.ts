import type {AlertLevel} from './alert.js';

/** A part of every day, in minutes since midnight; `from` later than `to` spans midnight. `to` itself is not quiet any more. */
export type QuietHours = {readonly from: number; readonly to: number};

const minutesOf = (hours: string, minutes: string): number => Number(hours) * 60 + Number(minutes);

/** Quiet hours as they are written, such as `22:00-07:00`; `undefined` when they are not written so, or are no time at all. */
export const parseQuietHours = (text: string): QuietHours | undefined => {
	const [, fromHours, fromMinutes, toHours, toMinutes] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
	if (fromHours === undefined || fromMinutes === undefined || toHours === undefined || toMinutes === undefined) {
		return undefined;
	}

	const hours = {from: minutesOf(fromHours, fromMinutes), to: minutesOf(toHours, toMinutes)};
	return hours.from === hours.to ? undefined : hours;
};

/** Whether it is quiet at so many minutes after midnight, local time. */
export const isQuiet = (hours: QuietHours | undefined, minutesOfDay: number): boolean => {
	if (!hours) {
		return false;
	}

	const {from, to} = hours;
	return from < to ? minutesOfDay >= from && minutesOfDay < to : minutesOfDay >= from || minutesOfDay < to;
};

/** Whether an alert of this level may disturb anybody now: only what is urgent passes in quiet hours. */
export const mayDisturb = (level: AlertLevel, hours: QuietHours | undefined, minutesOfDay: number): boolean =>
	level === 'urgent' || !isQuiet(hours, minutesOfDay);
