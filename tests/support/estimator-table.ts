// The page of estimators, out of the registry: names elsewhere, parameters, defaults and what is allowed.
import { ESTIMATORS } from '../../ts/ml/core/registry.ts';

const shown = (value: unknown): string => (value === undefined ? '' : `\`${JSON.stringify(value)}\``);
const cell = (text: string): string => text.replaceAll('|', '\\|');

/** docs/estimators.md as it must be. */
export async function estimatorPage(): Promise<string> {
  const rows: string[] = [];
  const parts: string[] = [];
  const names = Object.keys(ESTIMATORS).sort();
  for (const name of names) {
    const entry = await ESTIMATORS[name]!();
    const made = new entry.Estimator();
    rows.push(`| \`${name}\` | ${made.kind} | ${entry.family} | ${entry.sklearn ?? '–'} | ${entry.cuml ?? '–'} |`);
    const specs = Object.entries(made.paramSpecs as Record<string, { default: unknown; expected: string }>);
    parts.push(
      `## ${name}`,
      '',
      ...(specs.length === 0
        ? ['No parameters.', '']
        : [
            '| parameter | default | must be |',
            '|---|---|---|',
            ...specs.map(([n, s]) => `| \`${n}\` | ${cell(shown(s.default))} | ${cell(s.expected)} |`),
            '',
          ]),
    );
  }
  return [
    '# Estimators',
    '',
    'Generated from the registry of estimators (`UPDATE=1 npx vitest run tests/docs/estimators.test.ts`). Names of fitted',
    'values are those of scikit-learn in camelCase without the trailing underscore.',
    '',
    '| class | learns | family | scikit-learn | cuML |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...parts,
  ].join('\n');
}
