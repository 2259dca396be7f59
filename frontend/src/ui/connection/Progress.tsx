import { sending } from '../../sync';

/** What the server has taken so far, spoken politely as it grows (F34). `late`: only once a part is through, where a quick line would flicker. */
export function Progress({ late }: { late?: boolean }) {
  const { active, done, total } = sending.value;
  if (!active || total === 0 || (late && (done === 0 || done === total))) return null;
  return (
    <div class="notice on-accent" role="status">
      <label for="sending">
        Отправлено <span class="num">{done}</span> из <span class="num">{total}</span>
      </label>
      <progress id="sending" value={done} max={total} />
    </div>
  );
}
