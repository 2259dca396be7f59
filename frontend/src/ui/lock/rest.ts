const REST_MS = 300_000;

/** Whether nobody has touched the page for that long. A clock that was set back, also while the phone and the page's own
 * clock slept, has moved, too. */
export function hasRested(last: { page: number; wall: number }, now: { page: number; wall: number }): boolean {
  return Math.max(now.page - last.page, Math.abs(now.wall - last.wall)) >= REST_MS;
}
