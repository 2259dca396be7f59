import type { LocalReceipt } from '../../domain/model';
import { noteCopyShown, session, setup } from '../../sync';
import { copyLines } from '../words/copy';

/** Gives the client his copies, all in one; the sentence to say about it, empty where the phone has shown all. */
export async function shareCopies(given: readonly LocalReceipt[]): Promise<string> {
  for (const { id } of given) void noteCopyShown(id);
  const now = session.peek();
  const agent = now.kind === 'agent' ? now.agent : null;
  return shareText(given.map((receipt) => copyLines(receipt, setup.peek(), agent).join('\n')).join('\n\n'));
}

/** The phone's own share sheet where there is one, the clipboard otherwise. */
async function shareText(text: string): Promise<string> {
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
    return 'Текст квитанции скопирован: вставьте его в сообщение клиенту.';
  } catch {
    return 'Телефон не дал поделиться. Нажмите «Показать клиенту».';
  }
}
