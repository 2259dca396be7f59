import type { FiscalCheck } from '../../domain/model';
import { today } from '../kit/now';
import { momentWords } from '../words/dates';
import { drawQr } from './qr';

export function CheckQr({ check }: { check: FiscalCheck }) {
  const drawing = drawQr(check.qr);
  return (
    <section class="card check">
      <h2>Чек готов</h2>
      {drawing && (
        <svg class="check-qr" viewBox={`0 0 ${drawing.size} ${drawing.size}`} role="img" aria-label="QR-код чека" shape-rendering="crispEdges">
          <rect width="100%" height="100%" fill="#fff" />
          <path d={drawing.path} fill="#000" />
        </svg>
      )}
      <p class="hint">Клиент может проверить чек камерой.</p>
      <dl class="check-figures num">
        <dt>ФН</dt>
        <dd>{check.fn}</dd>
        <dt>ФД</dt>
        <dd>{check.fd}</dd>
        <dt>ФПД</dt>
        <dd>{check.fpd}</dd>
        <dt>Сформирован</dt>
        <dd>{momentWords(check.formed_at, today.value)}</dd>
      </dl>
    </section>
  );
}
