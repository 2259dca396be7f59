/** Pictograms: 24 × 24, one stroke, drawn by hand in icons.svg. They never carry meaning alone: a word stands beside or in the name. */

import sprite from './icons.svg';

/** The ids in icons.svg. */
export type IconName =
  | 'lock' | 'menu' | 'plus' | 'search' | 'cross' | 'cloudOff' | 'wifi' | 'check' | 'back' | 'down' | 'save' | 'install' | 'phone' | 'devices' | 'send' | 'out'
  | 'share' | 'alert' | 'clock' | 'refresh' | 'receipt' | 'server';

export function Icon({ name, size }: { name: IconName; size?: 'small' | 'big' }) {
  return (
    <svg class={size ? `icon icon-${size}` : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
