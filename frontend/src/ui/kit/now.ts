import { localDate } from '../../domain/dates';
import { computed, signal } from '../../signals';
import { useEffect } from './hooks';

/** The present minute. */
export const now = signal(new Date());
/** The phone's calendar date: «сегодня» must not stay on the screen past midnight, and no other minute draws its words again. */
export const today = computed(() => localDate(now.value));

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
