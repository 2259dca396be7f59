import { correction, generate } from 'lean-qr/nano';

export interface Drawing {
  /** in modules, with the quiet zone */
  size: number;
  /** the dark modules as an SVG path */
  path: string;
}

/** Empty modules around the code, as ISO 18004 wants them. */
const QUIET = 4;

/** A QR code of level M; null for a text that no code can hold. */
export function drawQr(text: string): Drawing | null {
  try {
    const code = generate(text, { minCorrectionLevel: correction.M });
    let path = '';
    for (let y = 0; y < code.size; y++) {
      for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
    return { size: code.size + 2 * QUIET, path };
  } catch {
    return null;
  }
}
