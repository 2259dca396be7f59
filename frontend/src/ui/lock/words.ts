import type { LockResult } from '../../sync';

/** What came of a PIN, as the agent reads it; empty when all is well. */
export function wordsOf(result: LockResult): string {
  switch (result.kind) {
    case 'open':
    case 'gone':
      return '';
    case 'wrong':
      return result.wait_ms > 0 ? `PIN-код не подошёл. Попробуйте через ${waiting(result.wait_ms)}.` : 'PIN-код не подошёл. Попробуйте ещё раз.';
    case 'wait':
      return `Попробуйте через ${waiting(result.wait_ms)}.`;
    case 'storage_full':
    case 'storage_failed':
      return 'Память телефона не ответила. Закройте приложение и откройте снова.';
  }
}

function waiting(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${String(seconds)} с` : `${String(Math.ceil(seconds / 60))} мин`;
}
