// A schema as TypeScript source: what `warpframe schema file > file.schema.ts` writes.
import { type LogicalType, nameText, type Schema, typeText } from './types.ts';

export interface DeclarationOptions {
  /** Name of the exported constant. Default: `schema`. */
  name?: string;
  /** File the schema was read from, for the comment. */
  source?: string;
}

/** Writes a module that exports the declaration of a schema. */
export function schemaDeclaration(schema: Schema, { name = 'schema', source }: DeclarationOptions = {}): string {
  const imports = new Set<string>();
  const lines = schema.map((field) => {
    collect(field.type, imports);
    if (field.nullable) imports.add('nullable');
    const type = typeText(field.type);
    return `  ${nameText(field.name)}: ${field.nullable ? `nullable(${type})` : type},`;
  });
  const names = [...imports].sort((a, b) => a.localeCompare(b, 'en'));
  return [
    ...(names.length === 0 ? [] : [`import { ${names.join(', ')} } from 'warpframe';`, '']),
    `/** ${source === undefined ? 'Declared columns' : `Columns of ${source.replaceAll('*/', '*\\/')}`}. */`,
    ...(lines.length === 0 ? [`export const ${name} = {};`] : [`export const ${name} = {`, ...lines, '};']),
    '',
  ].join('\n');
}

/** An identifier for the schema of a file: `sales-2024.parquet` gives `sales2024Schema`. */
export function declarationName(file: string): string {
  const base = (file.split(/[\\/]/).at(-1) ?? '').replace(/\..*$/, '');
  const words = base.split(/[^A-Za-z0-9]+/).filter((w) => w !== '');
  const camel = words.map((w, i) => (i === 0 ? w.charAt(0).toLowerCase() : w.charAt(0).toUpperCase()) + w.slice(1));
  const name = camel.join('');
  return /^[A-Za-z]/.test(name) ? `${name}Schema` : 'schema';
}

function collect(type: LogicalType, into: Set<string>): void {
  into.add(type.dtype);
  if (type.dtype === 'List' || type.dtype === 'FixedSizeList') {
    if (type.inner.nullable) into.add('nullable');
    collect(type.inner.type, into);
  }
  if (type.dtype === 'Struct') {
    for (const field of type.fields) {
      if (field.nullable) into.add('nullable');
      collect(field.type, into);
    }
  }
}
