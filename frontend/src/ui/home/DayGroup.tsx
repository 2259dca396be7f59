import { formatMoney } from '../../domain/money';
import { Gradually } from '../kit/Gradually';
import { today } from '../kit/now';
import { ReceiptRow } from '../kit/ReceiptRow';
import { dayHeading } from '../words/dates';
import type { Day } from '../words/rows';

export function DayGroup({ day, totals }: { day: Day; totals: { count: number; sum: number } | null }) {
  return (
    <section>
      <h2 class="day">
        <span>{dayHeading(day.date, today.value)}</span>
        {totals && (
          <span class="num">
            <span aria-hidden="true">{totals.count} · </span>
            <span class="unseen">квитанций: {totals.count}, на сумму </span>
            {formatMoney(totals.sum)}
          </span>
        )}
      </h2>
      <ul class="card rows">
        <Gradually all={day.rows} draw={(row) => <ReceiptRow key={row.id} {...row} />} />
      </ul>
    </section>
  );
}
