import type { LockResult } from '../../sync';
import { STORAGE_SILENT } from '../unsent/words';

/** What came of a PIN or a passkey, as the agent reads it; empty when all is well, or when the wait says it. */
export function wordsOf(result: LockResult): string {
  switch (result.kind) {
    case 'wrong':
      return 'PIN-код не подошёл. Попробуйте ещё раз.';
    case 'storage_full':
      return 'На телефоне кончилось место. Освободите память, например удалите видео, и нажмите ещё раз.';
    case 'storage_failed':
      return STORAGE_SILENT;
    case 'declined':
      return 'Телефон вас не узнал. Введите PIN-код.';
    case 'unfit':
      return 'На этом телефоне вход по отпечатку или лицу не защитит квитанции.';
    case 'open':
    case 'gone':
    case 'wait':
      return '';
  }
}
