import { useEffect, useRef, useState } from '../kit/hooks';

import { shortName } from '../../domain/fields';
import type { Draft, Setup } from '../../domain/model';
import { formatMoney } from '../../domain/money';
import { draft as liveDraft } from '../../sync';
import { ConnectionNotice } from '../connection/ConnectionNotice';
import { Button } from '../kit/Button';
import { Notice } from '../kit/Notice';
import { Screen } from '../kit/Screen';
import { leaveFormFor, openOverlay, overlay } from '../router/router';
import { ClearForm } from './ClearForm';
import { ClientPart } from './ClientPart';
import { ContactPart } from './ContactPart';
import { MoneyPart } from './MoneyPart';
import { MorePart } from './MorePart';
import { PolicyPart } from './PolicyPart';
import { TopPart } from './TopPart';
import { type FormModel, createForm, isBlank } from './model';
import { STORAGE } from './storageWords';

export function Form({ draft, setup }: { draft: Draft; setup: Setup }) {
  const [form] = useState(() => createForm(draft, setup));
  const [begun] = useState(() => !isBlank(draft.fields));
  const body = useRef<HTMLDivElement>(null);
  useKeepDraft(form);

  async function save(): Promise<void> {
    const result = await form.save();
    if (result?.kind === 'saved' || result?.kind === 'already_saved') {
      leaveFormFor(`/saved/${result.receipt.id}`);
    } else if (result?.kind === 'invalid') {
      // after the errors are drawn: one of them may have opened `Ещё поля`
      setTimeout(() => body.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus());
    }
  }

  return (
    <Screen title="Новая квитанция" back bottom={<SaveBar form={form} onSave={() => void save()} />}>
      <ConnectionNotice />
      {begun && <Begun form={form} />}
      <div ref={body} onKeyDown={nextOnEnter}>
        <TopPart form={form} />
        <PolicyPart form={form} />
        <ClientPart form={form} />
        <MoneyPart form={form} />
        <ContactPart form={form} />
        <MorePart form={form} />
      </div>
      {overlay.value === 'clear' && <ClearForm form={form} />}
    </Screen>
  );
}

/** Drafts survive everything: what is not stored yet goes when the app is hidden, closed or left. */
function useKeepDraft(form: FormModel): void {
  useEffect(() => {
    const hidden = () => {
      if (document.visibilityState === 'hidden') form.flush();
    };
    document.addEventListener('visibilitychange', hidden);
    addEventListener('pagehide', form.flush);
    const stop = form.followDay();
    return () => {
      stop();
      document.removeEventListener('visibilitychange', hidden);
      removeEventListener('pagehide', form.flush);
      form.flush();
    };
  }, [form]);
}

/** Enter goes to the next field: a premature «Сохранить» cannot be taken back. */
function nextOnEnter(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const field = event.target;
  if (event.key !== 'Enter' || !(field instanceof HTMLInputElement) || field.type === 'checkbox') return;
  event.preventDefault();
  const fields = [...event.currentTarget.querySelectorAll<HTMLElement>('input:not([readonly]), select')];
  const next = fields[fields.indexOf(field) + 1];
  if (next) next.focus();
  else field.blur();
}

function Begun({ form }: { form: FormModel }) {
  const { replaces, visit } = liveDraft.value?.id === form.draft.id ? liveDraft.value : form.draft;
  if (visit) {
    return (
      <Notice tone="accent" icon="plus">
        Тот же клиент. Осталось ввести полис и сумму.
      </Notice>
    );
  }
  if (isBlank(form.fields.value)) return null;
  return (
    <Notice tone="accent" icon="receipt" action={{ label: 'Очистить', onClick: () => openOverlay('clear') }}>
      {replaces ? <>Взамен квитанции <span class="num">№ {replaces.number}</span></> : 'Начатая квитанция'}
    </Notice>
  );
}

function SaveBar({ form, onSave }: { form: FormModel; onSave: () => void }) {
  const failure = form.failure.value;
  return (
    <>
      {(failure || !form.stored.value) && (
        <div class="form-failure" role="alert">
          <Notice tone={failure ? 'red' : 'amber'} icon="alert">
            {failure ? STORAGE[failure] : 'Память телефона не ответила, черновик только на экране. Не закрывайте приложение.'}
          </Notice>
        </div>
      )}
      <p class="hint form-summary num">{summary(form)}</p>
      <Button icon="save" busy={form.busy.value} onClick={onSave}>
        Сохранить
      </Button>
    </>
  );
}

/** «3 245 ₽ · полис ХХХ 0123456789 · Иванова М. П.»: what «Сохранить» is going to fix (P12). */
function summary(form: FormModel): string {
  const { amount, policy_series, policy_number, insurant, insurant_kind } = form.fields.value;
  const parts = [
    amount > 0 ? formatMoney(amount) : '',
    policy_number.trim() ? `полис\u00a0${`${policy_series}\u00a0${policy_number}`.trim()}` : '',
    shortName(insurant, insurant_kind),
  ];
  return parts.filter(Boolean).join('\u00a0· ');
}
