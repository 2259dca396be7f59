import { signal } from '../../signals';
import { useEffect } from './hooks';

/** The present minute: «сегодня» must not stay on the screen past midnight. */
export const now = signal(new Date());

export function startMinutes(): void {
  setInterval(() => (now.value = new Date()), 30_000);
  document.addEventListener('visibilitychange', () => (now.value = new Date()));
}

/** Calls back every second while the component lives. */
export function useEverySecond(tick: () => void): void {
  useEffect(() => {
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  });
}
