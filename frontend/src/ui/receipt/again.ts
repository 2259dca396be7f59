import { signal } from '../../signals';

import type { LocalReceipt } from '../../domain/model';
import { reissue } from '../../sync';
import { STORAGE } from '../form/storageWords';
import { navigate, openOverlay } from '../router/router';

/** Why the form did not open, for the page of the receipt that it was to be opened from. */
export const notOpened = signal('');

export const insteadWords = ({ state }: LocalReceipt): string => (state === 'rejected' ? 'Оформить взамен' : 'Оформить заново');

/** Opens the form filled from this receipt; asks first where another one lies there unfinished. */
export async function issueInstead(id: string, replacing = false): Promise<void> {
  notOpened.value = '';
  const { kind } = await reissue(id, replacing);
  if (kind === 'open') navigate('/new');
  else if (kind === 'begun') openOverlay('begun');
  else if (kind === 'away') notOpened.value = 'Полный текст квитанции на сервере. Найдите связь и повторите.';
  else if (kind === 'not_ready') notOpened.value = 'Справочников ещё нет. Найдите связь и повторите.';
  else notOpened.value = STORAGE[kind];
}
