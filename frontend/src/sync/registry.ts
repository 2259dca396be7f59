import type { LocalReceipt } from '../domain/model';
import type { Answer, FoundReceipt } from './types';

/** The agent's receipts on the server, newest first, by 30; `before` is the last page's `next`. */
export declare function searchReceipts(q: string, before: string | null): Promise<Answer<{ receipts: FoundReceipt[]; next: string | null }>>;
/** One of his receipts, whole. */
export declare function fetchReceipt(id: string): Promise<Answer<LocalReceipt>>;
