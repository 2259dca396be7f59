/** Closes the readable rows after five minutes without a touch, by the page's clock and the wall's, whichever went further. */

import { effect } from '../../signals';

import { close, lockedBy, noteRested, vault } from '../../sync';
import { route } from '../router/router';
import { hasRested } from './rest';

const LOOK_MS = 10_000;

const moment = () => ({ page: performance.now(), wall: Date.now() });
let touched = moment();
/** the rest has passed, with a form open: it closes when the form is left */
let due = false;

function look(): void {
  const rested = hasRested(touched, moment());
  const open = vault.peek() === 'open';
  if (!open || lockedBy.peek() === 'nothing') {
    due = false;
    if (rested && !open) noteRested();
    return;
  }
  due ||= rested;
  if (due) noteRested();
  const { screen } = route.peek();
  // An open form is never closed, and what it became stays for the client to see. Other tabs are touched on their own.
  if (due && screen !== 'new' && (screen !== 'saved' || rested)) void close();
}

/** A touch after the rest is somebody's, not the agent's: it does not open what is due. */
function touch(): void {
  look();
  touched = moment();
}

export function watchTouch(): void {
  for (const name of ['pointerdown', 'keydown', 'wheel']) addEventListener(name, touch, { capture: true, passive: true });
  setInterval(look, LOOK_MS);
  document.addEventListener('visibilitychange', look);
  addEventListener('pageshow', look);
  effect(() => {
    if (vault.value === 'open') touched = moment();
  });
  effect(() => {
    if (route.value) setTimeout(look);
  });
}
