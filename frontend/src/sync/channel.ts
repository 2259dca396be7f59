/** Other tabs and the worker: who changed something says so, everybody else reads again. */

/** `lock`: the readable rows are to be closed in every tab. */
export type Message = 'rows' | 'session' | 'lock';

const name = 'kias';
let open: BroadcastChannel | null = null;

function channel(): BroadcastChannel {
  open ??= new BroadcastChannel(name);
  return open;
}

export function tellOthers(message: Message): void {
  channel().postMessage(message);
}

export function hearOthers(listener: (message: Message) => void): void {
  channel().addEventListener('message', (event: MessageEvent<Message>) => {
    listener(event.data);
  });
}
