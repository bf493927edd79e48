// Vega draws the pictures: a chart is a Vega specification, rendered to SVG without a DOM. Colours are variables of the
// page's style sheet, so that one picture serves light and dark. Vega is an optional peer, loaded when a report is written.
import { MissingDependencyError } from '../errors.ts';

/** A Vega specification: JSON. */
export type Spec = { readonly [key: string]: unknown };
/** Draws a specification as SVG text. */
export type Draw = (spec: Spec) => Promise<string>;

interface Vega {
  parse(spec: unknown): unknown;
  View: new (runtime: unknown, options: object) => { toSVG(): Promise<string>; finalize(): unknown };
  readonly version: string;
}

/** Colours of series, in order; the page defines them for light and dark. */
export const SERIES = [
  'var(--s1)',
  'var(--s2)',
  'var(--s3)',
  'var(--s4)',
  'var(--s5)',
  'var(--s6)',
  'var(--s7)',
  'var(--s8)',
];

const CONFIG = {
  background: null,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  text: { font: 'system-ui, sans-serif' },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    gridColor: 'var(--line)',
    gridOpacity: 0.6,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelFont: 'system-ui, sans-serif',
    titleFont: 'system-ui, sans-serif',
  },
  legend: {
    labelColor: 'var(--ink)',
    titleColor: 'var(--muted)',
    labelFontSize: 11,
    labelLimit: 260,
    labelFont: 'system-ui, sans-serif',
    symbolStrokeWidth: 2.5,
  },
};

/**
 * Loads Vega.
 *
 * @throws {ERR_MISSING_DEPENDENCY} Vega is not installed, or too old
 */
export async function loadVega(): Promise<Draw> {
  let vega: Vega;
  try {
    vega = (await import(VEGA)) as Vega;
  } catch (cause) {
    throw new MissingDependencyError(
      'The report needs the package vega, which is not installed. Install it with: npm install vega@6',
      { packageName: 'vega' },
      { cause },
    );
  }
  if (Number.parseInt(vega.version, 10) < 6) {
    throw new MissingDependencyError(
      `The report needs vega 6 or later, but ${vega.version} is installed. Install it with: npm install vega@6`,
      { packageName: 'vega' },
    );
  }
  return async (spec) => {
    const view = new vega.View(vega.parse({ $schema: SCHEMA, config: CONFIG, ...spec }), { renderer: 'none' });
    try {
      return responsive(await view.toSVG());
    } finally {
      view.finalize();
    }
  };
}

/** Not written out where it is imported: bundlers of programs without reports need not find it. */
const VEGA: string = 'vega';
const SCHEMA = 'https://vega.github.io/schema/vega/v6.json';

/** The picture without a fixed size: it fills the width it is given. */
function responsive(svg: string): string {
  const size = /<svg[^>]*?\swidth="([\d.]+)"\sheight="([\d.]+)"/.exec(svg);
  const widest = size === null ? '' : ` style="max-width:${Math.round(Number(size[1]) * 1.2)}px"`;
  return svg
    .replace(/(<svg[^>]*?)\swidth="[\d.]+"\sheight="[\d.]+"/, `$1${widest}`)
    .replace(/\sxmlns:xlink="[^"]*"/, '')
    .replace(/<svg /, '<svg aria-hidden="true" ');
}
