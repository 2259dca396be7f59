/** The vectors that the server's suite opens too: what was sealed once must be readable for ever. */
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openEnvelope } from './support/open';

const vectors = JSON.parse(readFileSync(new URL('../../tests/cases/envelopes.json', import.meta.url), 'utf8')) as {
  sealing_key: { id: string; private_pkcs8: string };
  installation_key: { public_key: string };
  cases: { zip: string; content: Record<string, unknown>; envelope: string }[];
};
const privateKey = await webcrypto.subtle.importKey('pkcs8', Buffer.from(vectors.sealing_key.private_pkcs8, 'base64'), { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
const open = (envelope: string) => openEnvelope(envelope, privateKey, vectors.installation_key.public_key);

describe('envelopes of version 1', () => {
  it.each(vectors.cases)('$content.number, $zip', async ({ zip, content, envelope }) => {
    const opened = await open(envelope);
    expect(opened.signed).toBe(true);
    expect(opened.content).toEqual(content);
    expect(opened.header).toEqual({ id: content.id, installation: content.installation, kind: 'receipt', number: content.number, key: vectors.sealing_key.id, zip });
  });

  it('show every change: header, sealed part and signature', async () => {
    const parts = vectors.cases[0]!.envelope.split('.');
    const changed = (place: number, part: string) => parts.map((known, at) => (at === place ? part : known)).join('.');
    const otherHeader = Buffer.from(Buffer.from(parts[1]!, 'base64url').toString('utf8').replace('00042', '00043')).toString('base64url');
    await expect(open(changed(1, otherHeader))).rejects.toThrow();
    const sealed = Buffer.from(parts[2]!, 'base64url');
    sealed[100]! ^= 1;
    await expect(open(changed(2, sealed.toString('base64url')))).rejects.toThrow();
    expect((await open(changed(3, Buffer.alloc(64, 1).toString('base64url')))).signed).toBe(false);
  });
});
