/** Starts the engine, then draws. Nothing here waits for the network. */

// First, so that a screen's own style wins over the kit's.
import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/layout.css';
import './ui/kit/kit.css';
import './ui/kit/rows.css';
import './ui/kit/fields.css';
import './ui/kit/dialog.css';
import './ui/shell/shell.css';

import { render } from 'preact';

import './ui/kit/tracking';

import { start } from './sync';
import { watchConnection } from './ui/connection/model';
import { watchInstall } from './ui/install/offer';
import { startMinutes } from './ui/kit/now';
import { watchTouch } from './ui/lock/autolock';
import { startRouter } from './ui/router/router';
import { App } from './ui/shell/App';
import { watchCover } from './ui/shell/cover';

/** What this script is in a page (app.js). */
export function bePage(): void {
  void start(); // first: the database opens while the rest is done
  watchInstall();
  startRouter();
  watchConnection();
  startMinutes();
  watchCover();
  watchTouch();
  const root = document.getElementById('app');
  if (root) render(<App />, root);
}
