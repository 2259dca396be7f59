import { session } from '../../sync';
import { Notice } from '../kit/Notice';
import { navigate } from '../router/router';
import { line, notice } from './model';

/** At once and on every screen where work goes on: what the line's state means for the receipts (P15). */
export function ConnectionNotice({ text }: { text?: string | undefined }) {
  if (notice.value !== null) {
    const icon = line.value === 'foreign_page' ? 'wifi' : line.value === 'server_busy' ? 'server' : 'cloudOff';
    return (
      <Notice tone="amber" icon={icon}>
        {line.value === 'offline' && text ? text : notice.value}
      </Notice>
    );
  }
  if (session.value.kind === 'agent' && !session.value.confirmed) {
    return (
      <Notice tone="accent" icon="phone" action={{ label: 'Войти', onClick: () => navigate('/login') }}>
        Подтвердите вход кодом из SMS — и квитанции уйдут сами. Оформлять можно и без входа.
      </Notice>
    );
  }
  return null;
}
