import { useEffect } from '../kit/hooks';

import { Notice } from '../kit/Notice';
import { megabytes } from './lines';
import { littleSpace, look } from './model';

/** Said before saving fails (F24). */
export function LittleSpace() {
  useEffect(() => void look(), []);
  return (
    littleSpace.value !== null && (
      <Notice tone="amber" icon="alert">
        На телефоне мало места: {megabytes(littleSpace.value)}. Освободите память, например удалите видео.
      </Notice>
    )
  );
}
