import { Button } from '../kit/Button';
import { Dialog } from '../kit/Dialog';
import { closeOverlay } from '../router/router';
import type { FormModel } from './model';

/** The typed text goes, the number stays: an emptied form spends none (spec «Numbers»). */
export function ClearForm({ form }: { form: FormModel }) {
  return (
    <Dialog kind="sheet" label="Очистить форму">
      <h2>Очистить форму?</h2>
      <p>Всё введённое сотрётся. Номер квитанции останется тем же.</p>
      <Button onClick={closeOverlay}>Оставить</Button>
      <Button
        kind="danger"
        onClick={() => {
          form.clear();
          form.flush();
          closeOverlay();
        }}
      >
        Стереть
      </Button>
    </Dialog>
  );
}
