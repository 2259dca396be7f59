import { useState } from '../kit/hooks';

import { formatAmount, parseMoney } from '../../domain/money';
import { amountInWords } from '../../domain/words';
import { Checkbox, FieldFrame, Segments, SelectField, ariaOf, noAutocorrect } from '../kit/Field';
import { FormField } from './FormField';
import type { FormModel } from './model';

const typedOf = (kopecks: number): string => (kopecks > 0 ? formatAmount(kopecks) : '');

export function MoneyPart({ form }: { form: FormModel }) {
  return (
    <div class="card">
      <Amount form={form} />
      <Payment form={form} />
    </div>
  );
}

/** The sum, and the same in words while it is typed: the ear catches a missing nought. */
function Amount({ form }: { form: FormModel }) {
  const { amount } = form.fields.value;
  const [typed, setTyped] = useState(() => typedOf(amount));
  const error = form.errors.value.amount;
  const frame = { id: 'amount', label: 'Сумма', error, hint: amount > 0 ? amountInWords(amount) : undefined };
  // what stands there belongs to another sum: the form was cleared
  const shown = amount === 0 && (parseMoney(typed) ?? 0) > 0 ? '' : typed;
  return (
    <FieldFrame {...frame} class="amount">
      <span class="amount-line num">
        <input
          id="amount"
          name="amount"
          value={shown}
          inputMode="decimal"
          placeholder="0"
          autocomplete="off"
          ref={noAutocorrect}
          spellcheck={false}
          enterkeyhint="next"
          {...ariaOf(frame)}
          onInput={(event) => {
            const text = event.currentTarget.value.replace(/[^\d.,\s]/g, '');
            setTyped(text);
            event.currentTarget.value = text;
            form.change({ amount: parseMoney(text) ?? 0 });
          }}
          onBlur={() => {
            if (form.fields.peek().amount > 0) setTyped(typedOf(form.fields.peek().amount));
            form.leave('amount');
          }}
        />
        <span aria-hidden="true">₽</span>
      </span>
    </FieldFrame>
  );
}

const OWN_TERMINAL = 'Только терминал компании. Перевод на свою карту не принимать.';
/** What the office reads in its list (P33). */
const NO_SLIP = ['', 'Терминал не напечатал', 'Слип забрал клиент', 'Слип испорчен или потерян', 'Другая, см. комментарий'];

function Payment({ form }: { form: FormModel }) {
  const { payment_form } = form.fields.value;
  const forms = form.setup.payment_forms;
  const chosen = forms.find((known) => known.code === payment_form);
  const choose = (code: string) => form.change({ payment_form: code, payment_reference: '', no_reference_reason: '' });
  const common = { id: 'payment_form', label: 'Форма оплаты', value: payment_form, choices: forms, onChoice: choose };
  return (
    <>
      {forms.length <= 3 ? <Segments {...common} /> : <SelectField {...common} error={form.errors.value.payment_form} />}
      {chosen?.reference_label ? (
        <Reference key={payment_form} form={form} label={chosen.reference_label} {...(chosen.is_cash ? {} : { hint: OWN_TERMINAL })} />
      ) : (
        chosen && !chosen.is_cash && <p class="hint form-check">{OWN_TERMINAL}</p>
      )}
    </>
  );
}

/** The slip's code, or why there is none: one of the two (P33). */
function Reference({ form, label, hint }: { form: FormModel; label: string; hint?: string }) {
  const { no_reference_reason: reason } = form.fields.value;
  const [none, setNone] = useState(reason !== '');
  const error = form.errors.value.no_reference_reason ?? form.errors.value.payment_reference;
  return (
    <>
      {none ? (
        <SelectField
          id="no_reference_reason"
          label="Почему нет слипа"
          hint={hint}
          error={error}
          value={reason}
          choices={NO_SLIP.map((code) => ({ code, name: code || 'Выберите' }))}
          onChoice={(code) => form.change({ no_reference_reason: code, payment_reference: '' })}
        />
      ) : (
        <FormField form={form} name="payment_reference" label={label} hint={hint} inputMode="numeric" enterkeyhint="next" class="num" />
      )}
      <Checkbox
        id="no_slip"
        label="Нет слипа"
        checked={none}
        onCheck={(checked) => {
          setNone(checked);
          form.change({ payment_reference: '', no_reference_reason: '' });
        }}
      />
    </>
  );
}
