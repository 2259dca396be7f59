import type { ComponentChildren } from 'preact';
import { useEffect } from '../kit/hooks';

import '../login/login.css';

export function PinScreen({ children }: { children: ComponentChildren }) {
  useEffect(() => {
    document.title = 'PIN-код · КИАС Офлайн';
  }, []);
  return (
    <div class="screen">
      <main class="content login-content">{children}</main>
    </div>
  );
}
