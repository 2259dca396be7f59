import { SelectField } from '../kit/Field';
import { FormField } from './FormField';
import type { FormModel } from './model';

export function PolicyPart({ form }: { form: FormModel }) {
  const { product, policy_series } = form.fields.value;
  const { products } = form.setup;
  // nothing is chosen where the directory no longer has the draft's product
  const listed = products.some((known) => known.code === product);
  const choices = listed ? products : [{ code: '', name: 'Выберите' }, ...products];

  function choose(code: string): void {
    const before = products.find((known) => known.code === product)?.default_series ?? '';
    const after = products.find((known) => known.code === code)?.default_series ?? '';
    const untouched = policy_series === '' || policy_series === before;
    form.change(untouched ? { product: code, policy_series: after } : { product: code });
  }

  return (
    <div class="card">
      <SelectField
        id="product"
        label="Вид страхования"
        value={listed ? product : ''}
        choices={choices}
        onChoice={choose}
        error={form.errors.value.product}
      />
      <div class="field-pair">
        <FormField form={form} name="policy_series" label="Серия полиса" autocapitalize="characters" enterkeyhint="next" />
        <FormField
          form={form}
          name="policy_number"
          label="Номер полиса"
          class="num"
          enterkeyhint="next"
          {...(product === 'osago' ? { inputMode: 'numeric' as const } : { autocapitalize: 'characters' as const })}
        />
      </div>
    </div>
  );
}
