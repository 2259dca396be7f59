import type { LocalReceipt } from '../../domain/model';
import { noteCopyShown, session, setup } from '../../sync';
import { copyLines } from '../words/copy';

/** Gives the client his copies, all in one; the sentence to say about it, empty where the phone has shown all. */
export async function shareCopies(given: readonly LocalReceipt[]): Promise<string> {
  for (const { id } of given) void noteCopyShown(id);
  const now = session.peek();
  const agent = now.kind === 'agent' ? now.agent : null;
  const text = given.map((receipt) => copyLines(receipt, setup.peek(), agent).join('\n')).join('\n\n');
  return shareText(text, 'Текст квитанции скопирован: вставьте его в сообщение клиенту.', 'Телефон не дал поделиться. Нажмите «Показать клиенту».');
}

/** The phone's own share sheet where there is one, the clipboard otherwise; what to say of it, `copied` or `refused`. */
export async function shareText(text: string, copied: string, refused: string): Promise<string> {
  if (typeof navigator.share === 'function') {
    try {
      await navigator.share({ text });
      return '';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return '';
    }
  }
  try {
    await navigator.clipboard.writeText(text);
    return copied;
  } catch {
    return refused;
  }
}
