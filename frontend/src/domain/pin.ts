/** A PIN that a finder tries first: one sign, a few signs again and again, or a run up or down. */
export function isWeakPin(pin: string): boolean {
  const step = pin.charCodeAt(1) - pin.charCodeAt(0);
  const run = Math.abs(step) <= 1 && [...pin].every((sign, place) => place === 0 || sign.charCodeAt(0) - pin.charCodeAt(place - 1) === step);
  return run || /^(.{1,3})\1+$/.test(pin) || '12345678901234567890'.includes(pin) || '09876543210987654321'.includes(pin);
}
