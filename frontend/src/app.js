/** One script for the page and the worker: what they share is sent once (docs/adr/0018-one-script.md). */
import { bePage } from './main';
import { beWorker } from './sw';

if (typeof document === 'undefined') beWorker();
else bePage();
