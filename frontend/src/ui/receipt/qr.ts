export interface Drawing {
  /** in modules, with the quiet zone */
  size: number;
  /** the dark modules as an SVG path */
  path: string;
}

/** Empty modules around the code, as ISO 18004 wants them. */
const QUIET = 4;

/** A QR code of level M. The encoder is a chunk of its own: most days nobody opens a check. The worker precaches it all the same. */
export async function drawQr(text: string): Promise<Drawing> {
  const { correction, generate } = await import('lean-qr/nano');
  const code = generate(text, { minCorrectionLevel: correction.M });
  let path = '';
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  }
  return { size: code.size + 2 * QUIET, path };
}
