import type { ComponentChildren } from 'preact';

import { Icon, type IconName } from './Icon';

/** What stands where nothing stands yet: says what this place is for and what to do next. */
export function Empty({
  icon,
  tone = 'accent',
  title,
  children,
}: {
  icon: IconName;
  tone?: 'accent' | 'green' | 'red';
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <div class={`empty-mark on-${tone}`}>
        <Icon name={icon} size="big" />
      </div>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
