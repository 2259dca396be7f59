import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Notice } from '../kit/Notice';
import { OfficeFile } from '../unsent/OfficeFile';

const WORDS = {
  storage_failed: {
    title: 'Память телефона не ответила',
    text: 'Сохранённые квитанции целы. Закройте приложение и откройте снова; если не поможет, перезагрузите телефон.',
  },
  storage_unavailable: {
    title: 'Здесь нельзя хранить квитанции',
    text: 'Браузер не даёт места. Похоже, открыто приватное окно: откройте приложение в обычном. Или на iPhone включён режим блокировки: добавьте наш сайт в его исключения.',
  },
  blocked: {
    title: 'Закройте другую вкладку',
    text: 'Приложение открыто ещё в одной вкладке, в старой версии. Закройте её: здесь всё откроется само.',
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
      text="Ничего не потеряно: сохранённые квитанции и черновик лежат на телефоне. Откройте приложение заново."
    />
  );
}

function Stop({ title, text }: { title: string; text: string }) {
  return (
    <main class="screen stop">
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
        На телефоне уже новая версия приложения. Здесь видно и можно отправить сохранённое; новые квитанции — после обновления.
      </Notice>
    </div>
  );
}
