import { useState } from '../kit/hooks';

import { pad } from '../../domain/dates';
import { noteWait, waitLeft } from '../../sync';
import { announcement } from '../connection/model';
import { useEverySecond } from '../kit/now';

const NOTE_EVERY_S = 5;

/** Seconds until a PIN may be tried; what is left is stored on the way, so that closing the app shortens nothing. */
export function useWait(): [left: number, look: () => void] {
  const seconds = () => Math.ceil(waitLeft() / 1_000);
  const [left, setLeft] = useState(seconds);
  const look = () => setLeft(seconds());
  useEverySecond(() => {
    const now = seconds();
    if (now === left) return;
    setLeft(now);
    if (now % NOTE_EVERY_S === 0) void noteWait();
    if (now === 0) announcement.value = 'Можно ввести PIN-код снова.';
  });
  return [left, look];
}

/** «0:27» */
export const clock = (seconds: number): string => `${String(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
