import type { ComponentChildren } from 'preact';

import { Icon, type IconName } from './Icon';

export type Tone = 'amber' | 'green' | 'red' | 'accent';

/** A coloured strip with a pictogram, words and at most one thing to do. */
export function Notice({
  tone,
  icon,
  children,
  action,
}: {
  tone: Tone;
  icon: IconName;
  children: ComponentChildren;
  action?: { label: string; onClick: () => void };
}) {
  return (
    <div class={`notice on-${tone}`}>
      <Icon name={icon} />
      <span>{children}</span>
      {action && (
        <button type="button" class="button button-plain" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}
