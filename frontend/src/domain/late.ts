/** When a receipt that waits on the phone becomes urgent (P39): pure, by the phone's calendar. */

import { localDate, shiftDate } from './dates';
import type { Setup } from './model';

const DEFAULTS = { deadline_days: 5, warn_working_days: 1 };

export interface Late {
  /** the day of the oldest one, and how many days ago that was */
  since: string;
  days: number;
  /** the last day for its check */
  until: string;
  /** the deadline is today, tomorrow or past */
  urgent: boolean;
}

/** Null while nothing is late. `oldest`: milliseconds since 1970; Saturday and Sunday are no working days. */
export function lateness(oldest: number | null, today: string, { deadline_days, warn_working_days }: NonNullable<Setup['check_terms']> = DEFAULTS): Late | null {
  if (oldest === null) return null;
  const since = localDate(new Date(oldest));
  const days = Math.round((Date.parse(today) - Date.parse(since)) / 86_400_000);
  const until = shiftDate(since, deadline_days);
  const urgent = today >= shiftDate(until, -1);
  let working = 0;
  for (let day = 1; day <= days && working < warn_working_days; day++) if (new Date(shiftDate(since, day)).getUTCDay() % 6 !== 0) working++;
  return days > 0 && (urgent || working >= warn_working_days) ? { since, days, until, urgent } : null;
}
