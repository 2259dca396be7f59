import type { ReceiptFields } from '../domain/model';
import type { IssueResult } from './types';

/** «Сохранить»: `saved` only after the transaction's `complete` (F17); a second call for one draft is `already_saved` (F38). */
export declare function issue(id: string, fields: ReceiptFields): Promise<IssueResult>;
