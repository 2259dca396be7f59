/** Pictograms: 24 × 24, one stroke, drawn by hand. They never carry meaning alone: a word stands beside or in the name. */

const PATHS = {
  menu: 'M4 6h16M4 12h16M4 18h16',
  plus: 'M12 5v14M5 12h14',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM20 20l-4-4',
  cross: 'M6 6l12 12M18 6 6 18',
  cloudOff: 'm3 3 18 18M9 5.5A6 6 0 0 1 17.5 10 4.5 4.5 0 0 1 20 18M6.2 8.5A5 5 0 0 0 7 18h9',
  wifi: 'M3 9.5a13 13 0 0 1 18 0M6.2 13a8.4 8.4 0 0 1 11.6 0M9.4 16.4a3.8 3.8 0 0 1 5.2 0M12 19.5h.01',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  back: 'm15 5-7 7 7 7',
  down: 'm6 9.5 6 6 6-6',
  save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6',
  install: 'M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14',
  phone: 'M9.5 3h5A2.5 2.5 0 0 1 17 5.5v13a2.5 2.5 0 0 1-2.5 2.5h-5A2.5 2.5 0 0 1 7 18.5v-13A2.5 2.5 0 0 1 9.5 3zM11 18h2',
  devices: 'M5 3.5h8A1.5 1.5 0 0 1 14.5 5v2M14.5 20.5H5A1.5 1.5 0 0 1 3.5 19V5A1.5 1.5 0 0 1 5 3.5M12 10.5h8v10h-8z',
  send: 'M4 12 20 4l-5 16-3.5-6.5z',
  out: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9',
  share:
    'M6 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM17 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM17 15.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8.3 10.8l6.4-3.6M8.3 13.2l6.4 3.6',
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17h.01',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2',
  refresh: 'M20 12a8 8 0 1 1-2.4-5.7M20 4v4.5h-4.5',
  receipt: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9 8.5h6M9 12.5h4',
  server: 'M5 4h14v6H5zM5 14h14v6H5zM8 7h.01M8 17h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size }: { name: IconName; size?: 'small' | 'big' }) {
  return (
    <svg class={size ? `icon icon-${size}` : 'icon'} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
