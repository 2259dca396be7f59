import { useMemo } from 'preact/hooks';

import type { FiscalCheck } from '../../domain/model';
import { qr } from '../../domain/qr';
import { now } from '../kit/now';
import { momentWords } from '../words/dates';

/** The dark modules inside the quiet zone of four that scanners need; null for a text too long to be a check's. */
function draw(text: string): { size: number; path: string } | null {
  const grid = qr(text);
  if (!grid) return null;
  const path = grid.flatMap((line, y) => line.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return { size: grid.length + 8, path };
}

export function CheckQr({ check }: { check: FiscalCheck }) {
  const drawing = useMemo(() => draw(check.qr), [check.qr]);
  return (
    <section class="card check">
      <h2>Чек готов</h2>
      {drawing && (
        <>
          <svg class="check-qr" viewBox={`0 0 ${drawing.size} ${drawing.size}`} role="img" aria-label="QR-код чека" shape-rendering="crispEdges">
            <rect width="100%" height="100%" fill="#fff" />
            <path d={drawing.path} fill="#000" />
          </svg>
          <p class="hint">Клиент может проверить чек, наведя камеру на QR-код.</p>
        </>
      )}
      <dl class="check-figures num">
        <dt>ФН</dt>
        <dd>{check.fn}</dd>
        <dt>ФД</dt>
        <dd>{check.fd}</dd>
        <dt>ФПД</dt>
        <dd>{check.fpd}</dd>
        <dt>Сформирован</dt>
        <dd>{momentWords(check.formed_at, now.value)}</dd>
      </dl>
    </section>
  );
}
