/** Calendar dates (`YYYY-MM-DD`) and moments, in the phone's own zone unless an offset is given. */

export const pad = (part: number): string => String(part).padStart(2, '0');

/** The local calendar date of a moment. */
export function localDate(moment: Date): string {
  return `${String(moment.getFullYear())}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
}

/** Minutes east of UTC at that moment on this phone. */
export function offsetMinutes(moment: Date): number {
  return -moment.getTimezoneOffset();
}

/** IANA name of the phone's zone, empty where the browser does not tell. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || '';
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** The date `days` later (earlier if negative); pure calendar arithmetic. */
export function shiftDate(date: string, days: number): string {
  const moment = new Date(`${date}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}
