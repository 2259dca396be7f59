import { useState } from '../kit/hooks';

import { applyUpdate, updateReady } from '../../sync';
import { Notice } from '../kit/Notice';

/** The agent chooses the moment of a new version; a form in progress is kept over it (F29). */
export function Update() {
  const [going, setGoing] = useState(false);
  if (!updateReady.value) return null;
  return (
    <div class="strip">
      <Notice
        tone="accent"
        icon="refresh"
        action={{
          label: going ? 'Обновляем…' : 'Обновить',
          onClick: () => {
            if (going) return;
            setGoing(true);
            void applyUpdate();
          },
        }}
      >
        Есть новая версия
      </Notice>
    </div>
  );
}
