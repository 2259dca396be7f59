import type { Draft, ReceiptFields } from '../domain/model';

export type OpenResult = { kind: 'open'; draft: Draft } | { kind: 'storage_full' } | { kind: 'storage_failed' } | { kind: 'not_ready' };
/** The open draft, or a new one with the next number, durably stored before it is returned (F18). */
export declare function openDraft(): Promise<OpenResult>;
/** Stores what is typed; false when storage failed (the form keeps its own copy). */
export declare function saveDraft(id: string, fields: ReceiptFields): Promise<boolean>;
/** Throws the form away; its number is spoiled, remembered and never used again (F20). */
export declare function dropDraft(id: string): Promise<boolean>;
