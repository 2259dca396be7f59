import { TextField } from '../kit/Field';

const LONGEST = 12;

/** A PIN as it is typed: dots, digits only, and nothing that a browser would offer to remember (P30). */
export function PinField({ label, value, error, hint, onPin }: { label: string; value: string; error: string; hint: string; onPin: (pin: string) => void }) {
  return (
    <TextField
      id="pin"
      label={label}
      inputMode="numeric"
      enterkeyhint="go"
      value={value}
      onText={(text) => onPin(text.replace(/\D/g, '').slice(0, LONGEST))}
      error={error}
      hint={hint}
      class="login-field login-code pin num"
    />
  );
}
