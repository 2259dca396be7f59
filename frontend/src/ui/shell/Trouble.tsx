import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Notice } from '../kit/Notice';
import { OfficeFile } from '../unsent/OfficeFile';

const WORDS = {
  storage_failed: {
    title: 'Память телефона не ответила',
    text: 'Сохранённые квитанции целы. Закройте приложение и откройте снова или перезагрузите телефон.',
  },
  storage_unavailable: {
    title: 'Здесь нельзя хранить квитанции',
    text: 'Похоже, это приватное окно: откройте приложение в обычном. Или на iPhone включён режим блокировки: добавьте наш сайт в исключения.',
  },
  blocked: {
    title: 'Закройте другую вкладку',
    text: 'Там старая версия приложения. Закройте её: здесь всё откроется само.',
  },
} as const;

/** The phone's store cannot be opened: nothing can be issued, and it must not look as if it could. */
export function Trouble({ kind }: { kind: keyof typeof WORDS }) {
  const { title, text } = WORDS[kind];
  return <Stop title={title} text={text} />;
}

export function Failed() {
  return (
    <Stop
      title="Что-то пошло не так"
      text="Ничего не потеряно: квитанции и черновик лежат на телефоне."
    />
  );
}

function Stop({ title, text }: { title: string; text: string }) {
  return (
    <main class="screen stop">
      <h1 class="unseen">КИАС Офлайн</h1>
      <div role="alert">
        <Empty icon="alert" tone="red" title={title}>
          <p>{text}</p>
          <Button onClick={() => location.reload()}>Открыть заново</Button>
          <OfficeFile />
        </Empty>
      </div>
    </main>
  );
}

/** P22: a newer release has changed the database here; what is unsent can still be seen and sent. */
export function NewerVersion() {
  return (
    <div class="strip">
      <Notice tone="amber" icon="refresh" action={{ label: 'Обновить', onClick: () => location.reload() }}>
        На телефоне уже новая версия приложения. Здесь можно отправить сохранённое, новые квитанции — после обновления.
      </Notice>
    </div>
  );
}
