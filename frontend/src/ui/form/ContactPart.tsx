import { maskContact } from '../../domain/documents';
import { formatPhone, normalisePhone } from '../../domain/phone';
import { tidyText } from '../../domain/text';
import { isEmail } from '../../domain/validate';
import { Checkbox } from '../kit/Field';
import { FormField } from './FormField';
import type { FormModel } from './model';

const whenLeft = (text: string): string => formatPhone(normalisePhone(text) ?? text);

/** A contact, or its absence said expressly; and where the check will go (P23). */
export function ContactPart({ form }: { form: FormModel }) {
  const { no_contact } = form.fields.value;
  return (
    <div class="card">
      {!no_contact && (
        <>
          <FormField form={form} name="contact_phone" label="Телефон" inputMode="tel" enterkeyhint="next" class="num" whenLeft={whenLeft} />
          <FormField form={form} name="contact_email" label="E-mail" inputMode="email" enterkeyhint="next" />
        </>
      )}
      <Checkbox
        id="no_contact"
        label="Нет телефона и почты"
        checked={no_contact}
        onCheck={(checked) => form.change({ no_contact: checked, contact_phone: form.fields.peek().contact_phone })}
      />
      <CheckGoes form={form} />
    </div>
  );
}

function CheckGoes({ form }: { form: FormModel }) {
  const { no_contact, contact_phone, contact_email } = form.fields.value;
  const phone = normalisePhone(contact_phone);
  const mail = tidyText(contact_email);
  const text = no_contact
    ? 'Чек можно получить в офисе и по QR-коду в квитанции.'
    : isEmail(mail)
      ? `Чек придёт на почту ${maskContact(mail)}${phone ? ', на телефон — нет' : ''}`
      : phone
        ? `Чек придёт на ${formatPhone(phone)}`
        : '';
  return text ? <p class="hint form-check num">{text}</p> : null;
}
