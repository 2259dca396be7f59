import { useEffect, useState } from '../kit/hooks';

import { applyUpdate, updateDue, updateReady } from '../../sync';
import { typedStored } from '../form/model';
import { Notice } from '../kit/Notice';
import { route } from '../router/router';

/** A form under the agent's hands does not move: the strip comes above what he sees of it. */
function keepPlace(strip: HTMLElement | null): void {
  if (strip && route.peek().screen === 'new' && !scrollY) scrollTo(0, strip.offsetHeight);
}

/** The agent chooses the moment of a new version; a form in progress is kept over it (F29). One that closes a hole comes
 * by itself as soon as no form is open, and after a day in any case (P21). */
export function Update() {
  const [going, setGoing] = useState(false);
  const due = updateDue.value;
  const forced = updateReady.value && (due === 'now' || (due === 'soon' && route.value.screen !== 'new'));
  useEffect(() => {
    if (forced) void applyUpdate(typedStored);
  }, [forced]);
  if (!updateReady.value) return null;
  return (
    <div class={due ? 'strip' : 'strip strip-short'} ref={keepPlace}>
      <Notice
        tone="accent"
        icon="refresh"
        action={{
          label: going ? 'Обновляем…' : 'Обновить',
          onClick: () => {
            if (going) return;
            setGoing(true);
            void applyUpdate(typedStored);
          },
        }}
      >
        {due ? 'Важное обновление. Установится само, когда квитанция будет сохранена' : 'Есть новая версия'}
      </Notice>
    </div>
  );
}
