/** Fingerprint or face instead of the PIN: a passkey of this phone whose PRF wraps the data key. No server takes part,
 * so the challenge is of no use to anybody; what counts is the secret (docs/adr/0019-pin-and-vault.md). */

import type { Bytes } from '../domain/bytes';
import { utf8 } from '../domain/bytes';
import { random } from '../store/vaults';
import { addPasskey, unlockByPasskey } from './vault';
import type { Unlocking } from './vault';

/** `declined`: the agent or the phone said no. `unfit`: this phone's passkeys hold no secret for us. */
export type Passing = Unlocking | { kind: 'declined' | 'unfit' };

type Outputs = ReturnType<PublicKeyCredential['getClientExtensionResults']>;

/** Whether this phone looks as if it could: the answer is certain only after a passkey has been made. */
export async function passkeyPossible(): Promise<boolean> {
  if (!('PublicKeyCredential' in globalThis)) return false;
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

function secretOf(credential: Credential | null): { prf: Outputs['prf']; id: ArrayBuffer } | null {
  return credential && { prf: (credential as PublicKeyCredential).getClientExtensionResults().prf, id: (credential as PublicKeyCredential).rawId };
}

async function ask(id: ArrayBuffer, salt: Bytes): Promise<BufferSource | null> {
  const asked: PublicKeyCredentialRequestOptions = {
    challenge: random(32),
    allowCredentials: [{ type: 'public-key', id, transports: ['internal'] }],
    userVerification: 'required',
    extensions: { prf: { eval: { first: salt } } },
  };
  const answer = secretOf(await navigator.credentials.get({ publicKey: asked }).catch(() => null));
  return answer?.prf?.results?.first ?? null;
}

/** Makes the passkey and lets it open this agent's rows. `pin` proves who asks. */
export async function makePasskey(agent: { id: string; name: string }, pin: string): Promise<Passing> {
  const salt = random(32);
  const asked: PublicKeyCredentialCreationOptions = {
    rp: { name: 'КИАС Офлайн' },
    user: { id: utf8(agent.id), name: agent.name, displayName: agent.name },
    challenge: random(32),
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
    authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'preferred', userVerification: 'required' },
    extensions: { prf: { eval: { first: salt } } },
  };
  const made = secretOf(await navigator.credentials.create({ publicKey: asked }).catch(() => null));
  if (!made) return { kind: 'declined' };
  if (!made.prf?.enabled) return { kind: 'unfit' };
  const secret = made.prf.results?.first ?? (await ask(made.id, salt));
  return secret ? addPasskey(pin, made.id, salt, secret) : { kind: 'declined' };
}

export async function openByPasskey(): Promise<Passing> {
  const result = await unlockByPasskey(ask);
  return result.kind === 'gone' ? { kind: 'declined' } : result;
}
