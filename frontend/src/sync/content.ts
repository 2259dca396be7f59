/** What an envelope holds: content version 1 of docs/protocol.md, frozen at «Сохранить» (F32). */

import { toBase64Url } from '../domain/bytes';
import { offsetMinutes, zoneName } from '../domain/dates';
import type { ReceiptFields } from '../domain/model';
import type { Evidence } from './evidence';

export interface Content extends ReceiptFields {
  v: 1;
  id: string;
  installation: string;
  number: string;
  issued_at: string;
  offset_min: number;
  zone: string;
  replaces: string | null;
  check_token: string;
  evidence: Evidence;
  app_version: string;
}

export function buildContent(about: { id: string; installation: string; number: string; replaces: string | null }, fields: ReceiptFields, evidence: Evidence, now: Date): Content {
  return {
    v: 1,
    ...about,
    issued_at: now.toISOString(),
    offset_min: offsetMinutes(now),
    zone: zoneName(),
    ...fields,
    check_token: toBase64Url(crypto.getRandomValues(new Uint8Array(10))),
    evidence,
    app_version: __APP_VERSION__,
  };
}
