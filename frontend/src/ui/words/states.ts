import type { ReceiptState } from '../../domain/model';

export type Shape = 'circle' | 'square' | 'check' | 'triangle' | 'cross';
export type Tone = 'red' | 'amber' | 'green' | 'grey';

export interface StateWords {
  shape: Shape;
  tone: Tone;
  /** Beside a row. */
  short: string;
}

/** A state is colour + shape + word, the same everywhere (spec «Look», P02, P36). */
export const STATES: Record<ReceiptState, StateWords> = {
  waiting: { shape: 'circle', tone: 'red', short: 'на телефоне' },
  accepted: { shape: 'square', tone: 'amber', short: 'ждёт КИАС' },
  held: { shape: 'square', tone: 'amber', short: 'проверяет офис' },
  registered: { shape: 'check', tone: 'green', short: 'в КИАС' },
  fiscalised: { shape: 'check', tone: 'green', short: 'чек готов' },
  rejected: { shape: 'triangle', tone: 'red', short: 'не прошла в КИАС' },
  annulled: { shape: 'cross', tone: 'grey', short: 'аннулирована' },
};
