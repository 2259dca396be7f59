import type { ComponentChildren } from 'preact';

import { Icon, type IconName } from './Icon';

interface ButtonProps {
  children: ComponentChildren;
  icon?: IconName;
  kind?: 'main' | 'ghost' | 'plain' | 'danger';
  type?: 'button' | 'submit';
  form?: string;
  busy?: boolean;
  onClick?: () => void;
}

/** `busy` keeps the focus and the name and lets no second tap through; a disabled button would lose both. */
export function Button({ children, icon, kind = 'main', type = 'button', form, busy = false, onClick }: ButtonProps) {
  return (
    <button
      type={type}
      class={`button button-${kind}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
      form={form}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

/** A pictogram that is a button; `label` is its name for everyone who does not see it. */
export function IconButton({
  icon,
  label,
  accent = false,
  busy = false,
  onClick,
}: {
  icon: IconName;
  label: string;
  accent?: boolean;
  busy?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class={accent ? 'icon-button icon-button-accent' : 'icon-button'}
      aria-label={label}
      title={label}
      aria-disabled={busy || undefined}
      onClick={() => {
        if (!busy) onClick();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
