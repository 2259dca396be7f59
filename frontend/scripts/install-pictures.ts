/**
 * Draws public/install/*.svg, the pictures beside the steps of installing: `npm run install-pictures`, by hand,
 * when a browser moves its buttons. Drawn for light; the app's style turns them over in the dark.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const WIDTH = 320;
const HEIGHT = 172;
const GROUND = '#e9ecf1';
const PAPER = '#ffffff';
const INK = '#14171f';
const SOFT = '#6b7486';
const LINE = '#c3cad6';
const ACCENT = '#1b57c9';
const TINT = '#dbe7fd';

const box = (x: number, y: number, width: number, height: number, radius: number, fill: string, more = ''): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}" ${more}/>`;
const words = (x: number, y: number, text: string, { colour = INK, size = 17, weight = 400, anchor = 'start' } = {}): string =>
  `<text x="${x}" y="${y}" fill="${colour}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${text}</text>`;
const strokes = (x: number, y: number, path: string, colour = INK): string =>
  `<path transform="translate(${x} ${y})" d="${path}" fill="none" stroke="${colour}" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>`;
/** Where the finger goes. */
const ring = (x: number, y: number, radius = 22): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${TINT}" stroke="${ACCENT}" stroke-width="3.5"/>`;

// Pictograms around (0, 0), about 20 × 20.
const DOTS_DOWN = 'M0-7v.01M0 0v.01M0 7v.01';
const DOTS_ACROSS = 'M-8 0h.01M0 0h.01M8 0h.01';
const BARS = 'M-9-6H9M-9 0H9M-9 6H9';
const SHARE = 'M-4-2h-3v12H7V-2H4M0 3v-14M-4.5-7 0-11.5 4.5-7';
const PLUS_BOX = 'M-9-9H9V9H-9zM0-4.5v9M-4.5 0h9';
const LEFT = 'M4-8-4 0l8 8';
const RIGHT = 'M-4-8 4 0l-8 8';
const BOOK = 'M0-6c-3-2-6-2-9-1V8c3-1 6-1 9 1 3-2 6-2 9-1V-7c-3-1-6-1-9 1v15';
const TABS = 'M-8-4H4V8H-8zM-4-8H8V4';
const HOUSE = 'M-9 0 0-8l9 8M-6-2v10H6V-2';
const DOWNLOAD = 'M-9-7H3M9 2v5H-9V-7M-3 11h6M5-9v8m0 0 4-4M5-1 1-5';
const CHECK = 'm-6 0 4 5 8-9';

const dots = (x: number, y: number, path: string, colour = INK): string =>
  `<path transform="translate(${x} ${y})" d="${path}" stroke="${colour}" stroke-width="4.5" stroke-linecap="round"/>`;

/** The page behind a browser's bars. */
const page = (y: number, height: number): string =>
  box(0, y, WIDTH, height, 0, PAPER) + [0.22, 0.48, 0.74].map((at, i) => box(24, y + height * at, [180, 240, 140][i] ?? 0, 9, 4.5, '#e3e7ee')).join('');
const address = (x: number, y: number, width: number): string => box(x, y, width, 38, 19, PAPER) + words(x + 18, y + 25, 'kias…', { colour: SOFT });

/** The app's own icon, small. */
const icon = (x: number, y: number, size: number): string =>
  `<g transform="translate(${x} ${y}) scale(${size / 48})">${box(0, 0, 48, 48, 12, ACCENT)}<path d="M15 10h18v28l-4.5-3-4.5 3-4.5-3-4.5 3zM20 19h8M20 25h8" fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/></g>`;

/** A list of a menu or a share sheet; the row to tap stands out. A row may take two lines. */
function menu(rows: string[][], chosen: number, { x = 14, sign = '' } = {}): string {
  const width = WIDTH - 2 * x;
  let y = 10;
  const drawn = rows.map((lines, index) => {
    const height = lines.length > 1 ? 62 : 44;
    const here = index === chosen;
    const text = lines.map((line, at) => words(x + 20, y + 28 + at * 22, line, { weight: here ? 700 : 400, colour: here ? ACCENT : SOFT })).join('');
    const row = (here ? box(x + 6, y + 1, width - 12, height - 2, 10, TINT, `stroke="${ACCENT}" stroke-width="2.5"`) : '') + text + (here && sign ? strokes(WIDTH - x - 32, y + height / 2, sign, ACCENT) : '');
    y += height;
    return row;
  });
  return box(0, 0, WIDTH, HEIGHT, 0, GROUND) + box(x, 4, width, y + 4, 16, PAPER, `stroke="${LINE}"`) + drawn.join('');
}

/** «КИАС Офлайн», and two buttons. */
const dialog = (yes: string): string =>
  box(0, 0, WIDTH, HEIGHT, 0, '#aeb5c2') + box(14, 16, WIDTH - 28, 140, 22, PAPER) + icon(34, 36, 48) + words(98, 66, 'КИАС Офлайн', { size: 19, weight: 700 })
  + box(WIDTH - 40 - yes.length * 11.5, 104, yes.length * 11.5 + 16, 40, 20, TINT, `stroke="${ACCENT}" stroke-width="3"`)
  + words(WIDTH - 32 - yes.length * 5.75, 130, yes, { weight: 700, colour: ACCENT, anchor: 'middle' })
  + words(WIDTH - 60 - yes.length * 11.5, 130, 'Отмена', { colour: SOFT, anchor: 'end' });

/** Apple's last step. `toggle`: «Открыть как веб-приложение» stands there since 26. */
const adding = (toggle: boolean): string =>
  box(0, 0, WIDTH, HEIGHT, 0, GROUND) + words(16, 34, 'Отмена', { colour: SOFT }) + box(WIDTH - 118, 8, 108, 40, 20, TINT, `stroke="${ACCENT}" stroke-width="3"`)
  + words(WIDTH - 64, 34, 'Добавить', { weight: 700, colour: ACCENT, anchor: 'middle' }) + box(12, 62, WIDTH - 24, 50, 14, PAPER) + icon(22, 68, 38) + words(74, 93, 'КИАС Офлайн', { weight: 600 })
  + (toggle ? box(12, 120, WIDTH - 24, 44, 14, PAPER) + words(24, 148, 'Веб-приложение') + box(WIDTH - 78, 128, 52, 28, 14, '#2f9e55') + `<circle cx="${WIDTH - 40}" cy="142" r="11" fill="${PAPER}"/>` : '');

/** A window on a computer; `more` stands in its bar. */
const window_ = (more: string): string =>
  box(0, 0, WIDTH, HEIGHT, 0, GROUND) + box(8, 8, WIDTH - 16, HEIGHT, 14, PAPER, `stroke="${LINE}"`) + box(8, 8, WIDTH - 16, 56, 14, '#d5dae3') + box(20, 18, 210, 38, 19, PAPER) + words(36, 43, 'kias…', { colour: SOFT })
  + more + [88, 112, 136].map((y, i) => box(28, y, [170, 230, 130][i] ?? 0, 9, 4.5, '#e3e7ee')).join('');

const phoneTop = (more: string): string => box(0, 0, WIDTH, HEIGHT, 0, GROUND) + page(60, HEIGHT - 60) + more;
const phoneBottom = (more: string): string => box(0, 0, WIDTH, HEIGHT, 0, GROUND) + page(0, HEIGHT - 64) + more;
const BAR = HEIGHT - 32;

const PICTURES: Record<string, string> = {
  'dots-top': phoneTop(address(14, 12, 220) + ring(288, 31) + dots(288, 31, DOTS_DOWN, ACCENT)),
  'dots-bottom': phoneBottom(address(14, BAR - 19, 220) + ring(286, BAR) + dots(286, BAR, DOTS_DOWN, ACCENT)),
  'bars-bottom': phoneBottom([LEFT, RIGHT, HOUSE, BOOK].map((path, i) => strokes(34 + i * 62, BAR, path, SOFT)).join('') + ring(284, BAR) + strokes(284, BAR, BARS, ACCENT)),
  'menu-add': menu([['Поделиться…'], ['Найти на странице'], ['Добавить на', 'главный экран']], 2),
  'menu-shortcut': menu([['Поделиться'], ['Добавить ярлык'], ['Версия для ПК']], 1),
  'menu-page': menu([['Закладки'], ['Добавить страницу на'], ['Загрузки']], 1),
  'menu-home': menu([['Закладки'], ['Главный экран'], ['Быстрый доступ']], 1),
  'menu-firefox': menu([['Поделиться'], ['Добавить приложение', 'на домашний экран'], ['Настройки']], 1),
  'dialog-install': dialog('Установить'),
  'dialog-add': dialog('Добавить'),
  'safari-share': phoneBottom([LEFT, RIGHT].map((path, i) => strokes(34 + i * 60, BAR, path, SOFT)).join('') + ring(160, BAR) + strokes(160, BAR, SHARE, ACCENT) + strokes(226, BAR, BOOK, SOFT) + strokes(286, BAR, TABS, SOFT)),
  'safari-dots': box(0, 0, WIDTH, HEIGHT, 0, GROUND) + page(0, HEIGHT - 40) + box(0, HEIGHT - 64, WIDTH, 64, 0, PAPER) + box(14, BAR - 22, 44, 44, 22, '#e9ecf1') + strokes(36, BAR, LEFT, SOFT) + box(68, BAR - 22, 176, 44, 22, '#e9ecf1') + words(156, BAR + 6, 'kias…', { colour: SOFT, anchor: 'middle' }) + ring(282, BAR, 24) + dots(282, BAR, DOTS_ACROSS, ACCENT),
  'safari-menu': menu([['Поделиться'], ['Добавить в закладки'], ['Новая вкладка']], 0, { sign: SHARE }),
  'share-home': menu([['Скопировать'], ['Добавить в закладки'], ['На экран «Домой»']], 2, { sign: PLUS_BOX }),
  'ios-add': adding(false),
  'ios-add-26': adding(true),
  'ipad-share': phoneTop(strokes(28, 31, LEFT, SOFT) + address(60, 12, 160) + ring(256, 31) + strokes(256, 31, SHARE, ACCENT) + strokes(298, 31, TABS, SOFT)),
  'chrome-share': phoneTop(box(14, 10, 292, 42, 21, PAPER) + words(34, 37, 'kias…', { colour: SOFT }) + ring(282, 31) + strokes(282, 31, SHARE, ACCENT)),
  'desktop-icon': window_(ring(206, 37, 20) + strokes(206, 36, DOWNLOAD, ACCENT) + dots(286, 37, DOTS_DOWN, SOFT)),
  'desktop-dots': window_(ring(284, 37, 20) + dots(284, 37, DOTS_DOWN, ACCENT)),
  'desktop-dots-across': window_(ring(284, 37, 20) + dots(284, 37, DOTS_ACROSS, ACCENT)),
  'desktop-bars': window_(ring(284, 37, 20) + strokes(284, 37, BARS, ACCENT)),
  'menu-desktop': menu([['Сохранить и поделиться'], ['Установить страницу', 'как приложение…'], ['Создать ярлык…']], 1),
  'menu-edge': menu([['Приложения'], ['Установить этот сайт', 'как приложение'], ['Управление']], 1),
  'menu-yandex': menu([['Дополнительно'], ['Установить', 'приложение…'], ['Дополнения']], 1),
  'mac-file': box(0, 0, WIDTH, HEIGHT, 0, GROUND) + box(0, 0, WIDTH, 38, 0, PAPER) + words(16, 25, 'Safari', { weight: 700 }) + box(78, 4, 62, 30, 8, TINT) + words(109, 25, 'Файл', { weight: 700, colour: ACCENT, anchor: 'middle' }) + words(152, 25, 'Правка', { colour: SOFT })
    + box(78, 42, 226, 122, 14, PAPER, `stroke="${LINE}"`) + words(96, 72, 'Новое окно', { colour: SOFT }) + box(84, 82, 214, 40, 10, TINT, `stroke="${ACCENT}" stroke-width="2.5"`) + words(96, 108, 'Добавить в Dock…', { weight: 700, colour: ACCENT }) + words(96, 148, 'Напечатать…', { colour: SOFT }),
  'inside-dots': box(0, 0, WIDTH, HEIGHT, 0, GROUND) + page(60, HEIGHT - 60) + strokes(30, 31, 'M-7-7 7 7M7-7-7 7', SOFT) + words(56, 37, 'КИАС Офлайн', { weight: 600 }) + ring(288, 31) + dots(288, 31, DOTS_DOWN, ACCENT),
  'inside-dots-apple': phoneBottom(strokes(34, BAR, LEFT, SOFT) + strokes(110, BAR, SHARE, SOFT) + ring(284, BAR) + dots(284, BAR, DOTS_ACROSS, ACCENT)),
  'menu-open-chrome': menu([['Скопировать ссылку'], ['Открыть в Chrome'], ['Поделиться']], 1),
  'menu-open-safari': menu([['Скопировать ссылку'], ['Открыть в Safari'], ['Поделиться']], 1),
  'copy-address': phoneTop(box(14, 10, 292, 42, 21, TINT, `stroke="${ACCENT}" stroke-width="3"`) + words(34, 37, 'kias…', { colour: ACCENT, weight: 700 }) + box(120, 66, 160, 44, 12, INK) + words(200, 94, 'Копировать', { colour: PAPER, anchor: 'middle' })),
  'home-icon': box(0, 0, WIDTH, HEIGHT, 0, '#c9d4e8') + [0, 1, 2, 3, 4, 5, 6, 7].filter((at) => at !== 5).map((at) => box(24 + (at % 4) * 74, 14 + Math.floor(at / 4) * 80, 48, 48, 12, '#eef1f6')).join('')
    + `<circle cx="122" cy="118" r="38" fill="none" stroke="${ACCENT}" stroke-width="3.5"/>` + icon(98, 94, 48) + words(122, 168, 'КИАС Офлайн', { size: 15, weight: 700, anchor: 'middle' }),
  'home-computer': box(0, 0, WIDTH, HEIGHT, 0, '#c9d4e8') + box(24, 14, 272, 96, 12, PAPER, `stroke="${LINE}"`) + box(24, 14, 272, 26, 12, '#d5dae3') + words(40, 33, 'КИАС Офлайн', { size: 15, weight: 700 }) + strokes(150, 76, CHECK, '#2f9e55')
    + box(0, 124, WIDTH, 48, 0, '#eef1f6') + [90, 220].map((x) => box(x, 132, 32, 32, 8, '#c3cad6')).join('') + `<circle cx="171" cy="148" r="23" fill="none" stroke="${ACCENT}" stroke-width="3.5"/>` + icon(155, 132, 32),
};

const target = new URL('../public/install/', import.meta.url);
mkdirSync(target, { recursive: true });
for (const [name, drawing] of Object.entries(PICTURES)) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Roboto, system-ui, 'Segoe UI', sans-serif">${drawing}</svg>\n`;
  writeFileSync(new URL(`${name}.svg`, target), svg);
}
const { ways } = JSON.parse(readFileSync(new URL('steps.json', target), 'utf8')) as { ways: { steps: { picture: string }[] }[] };
const asked = new Set(ways.flatMap(({ steps }) => steps.map(({ picture }) => picture)));
const wrong = [...asked].filter((name) => !(name in PICTURES)).concat(Object.keys(PICTURES).filter((name) => !asked.has(name)));
if (wrong.length > 0) throw new Error(`no picture, or no step for it: ${wrong.join(', ')}`);
