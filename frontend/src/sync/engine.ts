import type { DrainOutcome } from './types';

/** «Отправить сейчас», and every automatic start of sending. One at a time over all tabs. */
export declare function drainNow(): Promise<DrainOutcome>;
