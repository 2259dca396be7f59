import { useState } from '../kit/hooks';

import { othersWaiting, rescueFile, waitingTotals } from '../../sync';
import { announcement } from '../connection/model';
import { Button } from '../kit/Button';
import { Notice } from '../kit/Notice';
import { STORAGE_SILENT } from './words';

/** «Сохранить файл для офиса» (P36): wherever receipts may be stuck, as long as any wait on this phone. */
export function OfficeFile() {
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  if (waitingTotals.value.count + othersWaiting.value.count === 0) return null;

  async function save(): Promise<void> {
    setBusy(true);
    const text = await saved();
    setBusy(false);
    setSaid(text);
    announcement.value = text;
  }

  return (
    <div class="office-file">
      {said && (
        <Notice tone="accent" icon="save">
          {said}
        </Notice>
      )}
      <Button kind="ghost" icon="save" busy={busy} onClick={() => void save()}>
        Сохранить файл для офиса
      </Button>
    </div>
  );
}

/** What to say about it; nothing where the agent changed his mind. */
async function saved(): Promise<string> {
  try {
    const file = await rescueFile();
    return file && (await give(file)) ? 'Передайте файл в офис. Квитанции останутся на телефоне, пока сервер их не примет.' : '';
  } catch {
    return STORAGE_SILENT;
  }
}

/** The phone's share sheet where it takes files, a download otherwise; whether it was given away. */
async function give(file: File): Promise<boolean> {
  const files = { files: [file] };
  try {
    if (navigator.canShare?.(files)) {
      await navigator.share(files);
      return true;
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return true;
}
