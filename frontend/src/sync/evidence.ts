/** What this phone can say about the time (spec «Dates», P13): bounds, never corrections. */

import { changeInstallation } from '../store/installations';
import { strictly } from '../store/db';
import type { Meta } from '../store/meta';
import type { InstallationRow } from '../store/schema';

export interface Evidence {
  server_time: string | null;
  server_signature: string | null;
  /** monotonic, and only where that server time came within this page life */
  since_server_ms: number | null;
  highest_wall: string;
  backward_jumps: number;
}

/** A clock set right by the network moves by seconds; a person moves it by minutes. */
const JUMP_MS = 60_000;

/** The server's time heard last in this page life, and the monotonic moment of hearing it. */
let heard: { time: string; at: number } | null = null;

/** Keeps a signed server time that was given to this installation. */
export async function hearServerTime(installation: string, serverTime: { time: string; signature: string }): Promise<void> {
  noteServerTime(serverTime.time);
  await changeInstallation(installation, (row) => ({ ...row, server_time: serverTime }));
}

export function noteServerTime(time: string): void {
  heard = { time, at: performance.now() };
}

/** A look at both clocks: the wall's and the monotonic one, which may stand still in sleep but never goes back. */
export interface Look {
  wall: number;
  monotonic: number;
}

/** The wall clock's past after one more look; `before` is this page's own last one. A jump counts once over all tabs. */
export function lookAtWall(past: Meta['wall'] | undefined, now: Look, before: Look | null): Meta['wall'] {
  if (!past) return { highest: now.wall, last: now.wall, backward_jumps: 0 };
  // a jump that the time since has covered up, unless another tab has seen it
  const least = before && past.last >= before.wall ? Math.max(past.last, before.wall + now.monotonic - before.monotonic) : past.last;
  return {
    highest: Math.max(past.highest, now.wall),
    last: now.wall,
    backward_jumps: past.backward_jumps + (now.wall < least - JUMP_MS ? 1 : 0),
  };
}

let seen: Look | null = null;

/** The wall clock's past after a look at it now, and the look: to be noted once that past is stored. */
export function lookNow(past: Meta['wall'] | undefined, wall: number = Date.now()): { wall: Meta['wall']; look: Look } {
  const look = { wall, monotonic: performance.now() };
  return { wall: lookAtWall(past, look, seen), look };
}

/** What this look saw is on the disk. */
export function noteLook(look: Look): void {
  seen = look;
}

/** Looks at the wall clock and stores what it saw. Throws `StorageError`. */
export async function watchWall(): Promise<Meta['wall']> {
  const { wall, look } = await strictly(['meta'], async (tx) => {
    const meta = tx.objectStore('meta');
    const now = lookNow((await meta.get('wall'))?.value as Meta['wall'] | undefined);
    await meta.put({ key: 'wall', value: now.wall });
    return now;
  });
  noteLook(look);
  return wall;
}

export function evidenceFor(installation: InstallationRow, wall: Meta['wall']): Evidence {
  const { server_time: known } = installation;
  const here = heard?.time === known?.time ? heard : null;
  return {
    server_time: known?.time ?? null,
    server_signature: known?.signature ?? null,
    since_server_ms: here && Math.round(performance.now() - here.at),
    highest_wall: new Date(wall.highest).toISOString(),
    backward_jumps: wall.backward_jumps,
  };
}

/** How far the phone's clock is ahead of the server's, in milliseconds; null where nothing tells it. `known`: an older server time. */
export function skewMs(known: string | undefined): number | null {
  if (heard) return Date.now() - Date.parse(heard.time) - (performance.now() - heard.at);
  const behind = known === undefined ? 0 : Date.now() - Date.parse(known);
  return behind < 0 ? behind : null;
}
