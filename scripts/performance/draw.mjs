// Pictures of recorded runs: Vega specifications drawn as SVG files that stand alone and follow light and dark.
import fs from 'node:fs';
import { tsImport } from 'tsx/esm/api';

const { loadVega, SERIES } = await tsImport('../../ts/report/chart.ts', import.meta.url);
const { COLORS } = await tsImport('../../ts/report/style.ts', import.meta.url);
const vega = await loadVega();

/** Engines keep their colour from picture to picture. */
export const COLOR_OF = { ours: SERIES[0], polars: SERIES[1], DuckDB: SERIES[2] };

/** Draws a specification to a file and gives the line of Markdown that shows it. */
export async function draw(file, alt, spec) {
  const svg = await vega({ padding: 14, ...spec });
  const [, , , width, height] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(svg);
  const size = `width="${Math.ceil(Number(width))}" height="${Math.ceil(Number(height))}"`;
  const open = svg.indexOf('>') + 1;
  const head = svg
    .slice(0, open)
    .replace(' aria-hidden="true"', ` role="img" ${size}`)
    .replace(/ style="[^"]*"/, '');
  const back = '<rect width="100%" height="100%" rx="8" fill="var(--card)"/>';
  const text = `${head}<title>${escaped(alt)}</title><style>${COLORS.trim()}</style>${back}${svg.slice(open)}\n`;
  fs.writeFileSync(`docs/performance/${file}`, shortened(text));
  return `![${alt}](performance/${file})\n`;
}

const escaped = (text) => text.replace(/[<&]/g, (c) => (c === '<' ? '&lt;' : '&amp;'));

/** Without what browsers do not need: long fractions, and descriptions of every mark for readers of the page's DOM. */
const shortened = (svg) =>
  svg
    .replace(/-?\d+\.\d{3,}/g, (n) => String(Number(Number(n).toFixed(2))))
    .replace(/ (aria-[a-z]+|role="graphics-[a-z]+")(="[^"]*")?/g, '');
