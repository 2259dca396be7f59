import { useEffect } from '../kit/hooks';

import { mayIssue, session, trouble, vault } from '../../sync';
import { Attention } from '../attention/Attention';
import { Announcer } from '../connection/Announcer';
import { Devices } from '../devices/Devices';
import { NoForm } from '../devices/Handover';
import { NewNumber } from '../devices/NewNumber';
import { NewReceipt } from '../form/NewReceipt';
import { Check } from '../check/Check';
import { Home } from '../home/Home';
import { Install } from '../install/Install';
import { Button } from '../kit/Button';
import { Empty } from '../kit/Empty';
import { Screen } from '../kit/Screen';
import { SetPin } from '../lock/SetPin';
import { Unlock } from '../lock/Unlock';
import { Login } from '../login/Login';
import { Logout } from '../menu/Logout';
import { Menu } from '../menu/Menu';
import { Receipt } from '../receipt/Receipt';
import { Ready } from '../ready/Ready';
import { navigate, overlay, route } from '../router/router';
import { Saved } from '../saved/Saved';
import { Unsent } from '../unsent/Unsent';
import { Boundary } from './Boundary';
import { NewerVersion, Trouble } from './Trouble';
import { Update } from './Update';

export function App() {
  const wrong = trouble.value;
  return (
    <Boundary>
      <Announcer />
      <Update />
      {wrong?.kind === 'newer_version' && <NewerVersion />}
      {wrong && wrong.kind !== 'newer_version' ? <Trouble kind={wrong.kind} /> : <Place />}
    </Boundary>
  );
}

/** Who may be where: a guest at the login only, a confirmed agent everywhere but there. */
function Place() {
  const who = session.value;
  const here = route.value;
  const check = here.screen === 'check'; // open to everybody: it shows nothing of anybody
  const toLogin = who.kind === 'guest' && here.screen !== 'login' && !check;
  const toList = who.kind === 'agent' && who.confirmed && !who.ask_ahead && here.screen === 'login';
  useEffect(() => {
    if (toLogin) navigate('/login', { replace: true });
    else if (toList) navigate('/', { replace: true });
  }, [toLogin, toList]);

  if (who.kind === 'starting') return null; // most starts end at the PIN, and a drawing on the way makes it wait (docs/benchmarks.md)
  if (check) return <Check />;
  if (who.kind === 'guest' || here.screen === 'login') return <Login />;
  if (vault.value === 'none') return <SetPin />;
  if (vault.value === 'locked') return <Unlock />;
  return (
    <>
      <Where />
      {overlay.value === 'menu' && <Menu />}
      {overlay.value === 'logout' && <Logout />}
    </>
  );
}

function Where() {
  const here = route.value;
  switch (here.screen) {
    case 'home':
      return <Home />;
    case 'new':
      return mayIssue.value ? <NewReceipt /> : <NoForm />;
    case 'unsent':
      return <Unsent />;
    case 'attention':
      return <Attention />;
    case 'devices':
      return <Devices />;
    case 'number':
      return <NewNumber />;
    case 'install':
      return <Install />;
    case 'offline':
      return <Ready />;
    case 'saved':
      return <Saved key={here.id} id={here.id} />;
    case 'receipt':
      return <Receipt key={here.id} id={here.id} />;
    case 'login':
    case 'check':
      return null;
    case 'unknown':
      return (
        <Screen title="Такой страницы нет" back>
          <Empty icon="search" title="Здесь ничего нет">
            <Button kind="ghost" onClick={() => navigate('/', { replace: true })}>
              К квитанциям
            </Button>
          </Empty>
        </Screen>
      );
  }
}
