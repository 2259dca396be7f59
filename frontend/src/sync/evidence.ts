/** What this phone can say about the time (spec «Dates», P13): bounds, never corrections. */

import { changeInstallation } from '../store/installations';
import { getMeta, setMeta } from '../store/meta';
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

/** Server times heard in this page life, by their text → the monotonic moment of hearing them. */
const heard = new Map<string, number>();

/** Keeps a signed server time that was given to this installation. */
export async function hearServerTime(installation: string, serverTime: { time: string; signature: string }): Promise<void> {
  noteServerTime(serverTime.time);
  await changeInstallation(installation, (row) => ({ ...row, server_time: serverTime }));
}

export function noteServerTime(time: string): void {
  heard.clear();
  heard.set(time, performance.now());
}

/** The wall clock's past after one more look at it. */
export function lookAtWall(past: Meta['wall'] | undefined, now: number): Meta['wall'] {
  if (!past) return { highest: now, last: now, backward_jumps: 0 };
  return {
    highest: Math.max(past.highest, now),
    last: now,
    backward_jumps: past.backward_jumps + (now < past.last - JUMP_MS ? 1 : 0),
  };
}

/** Looks at the wall clock and stores what it saw. */
export async function watchWall(now: number): Promise<Meta['wall']> {
  const wall = lookAtWall(await getMeta('wall'), now);
  await setMeta('wall', wall);
  return wall;
}

export function evidenceFor(installation: InstallationRow, wall: Meta['wall']): Evidence {
  const { server_time: known } = installation;
  const since = known ? heard.get(known.time) : undefined;
  return {
    server_time: known?.time ?? null,
    server_signature: known?.signature ?? null,
    since_server_ms: since === undefined ? null : Math.round(performance.now() - since),
    highest_wall: new Date(wall.highest).toISOString(),
    backward_jumps: wall.backward_jumps,
  };
}
