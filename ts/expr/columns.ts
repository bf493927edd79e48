// The `c` of callbacks: one expression per column, and a readable error for a name that is none.
import { columnNotFound, namesOf } from '../schema/schema.ts';
import type { Schema } from '../schema/types.ts';
import { Expression } from './expression.ts';

const nameSets = new WeakMap<Schema, ReadonlySet<string>>();

function nameSetOf(schema: Schema): ReadonlySet<string> {
  let names = nameSets.get(schema);
  if (names === undefined) {
    names = new Set(namesOf(schema));
    nameSets.set(schema, names);
  }
  return names;
}

/**
 * The columns of a schema as expressions. Reading a name that is no column throws ColumnNotFoundError; `where` is the
 * verb for the message.
 */
export function columnsFor(schema: Schema, where?: string): Readonly<Record<string, Expression>> {
  const made = new Map<string, Expression>();
  const names = nameSetOf(schema);
  const columns: Record<string, Expression> = new Proxy(Object.create(null) as Record<string, Expression>, {
    get(_target, key) {
      if (typeof key === 'symbol') return undefined;
      let column = made.get(key);
      if (column === undefined) {
        // Promises and JSON.stringify look these up; they are columns only if the frame has them.
        if (!names.has(key) && (key === 'then' || key === 'toJSON')) return undefined;
        if (!names.has(key)) throw columnNotFound(key, [...names], where);
        column = new Expression(Object.freeze({ node: 'col', name: key }));
        made.set(key, column);
      }
      return column;
    },
    has: (_target, key) => typeof key === 'string' && names.has(key),
    ownKeys: () => [...names],
    getOwnPropertyDescriptor: (_target, key) =>
      typeof key === 'string' && names.has(key)
        ? { configurable: true, enumerable: true, value: columns[key] }
        : undefined,
    set: () => false,
  });
  return columns;
}
