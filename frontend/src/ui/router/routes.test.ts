import { expect, it } from 'vitest';

import { parsePath } from './routes';

const ID = '0192f0c4-0000-7000-8000-000000000001';

it.each([
  ['/', { screen: 'home' }],
  ['/login', { screen: 'login' }],
  ['/new', { screen: 'new' }],
  ['/unsent', { screen: 'unsent' }],
  ['/attention', { screen: 'attention' }],
  ['/devices', { screen: 'devices' }],
  ['/number', { screen: 'number' }],
  ['/install', { screen: 'install' }],
  ['/offline', { screen: 'offline' }],
  ['/check', { screen: 'check' }],
  [`/saved/${ID}`, { screen: 'saved', id: ID }],
  [`/receipt/${ID}`, { screen: 'receipt', id: ID }],
  ['/receipt/42', { screen: 'unknown' }],
  ['/toString', { screen: 'unknown' }],
])('%s', (path, route) => expect(parsePath(path)).toEqual(route));
