// Plans as text: one line a node, inputs indented below it.
import type { ExprNode, NamedExpr, OrderKey } from '../expr/nodes.ts';
import { exprText } from '../expr/text.ts';
import type { Schema } from '../schema/types.ts';
import { type FileSpec, inputsOf, type PlanNode } from './nodes.ts';

/** Names a line lists before it counts the rest. */
const LISTED = 8;
/** Characters of one expression before it is cut. */
const LONGEST = 160;

/** One line about a node: what `explain`, traces and run-time errors call it. */
export function nodeLabel(p: PlanNode): string {
  switch (p.node) {
    case 'scan': {
      const parts = [`SCAN ${p.format} ${filesText(p.files)}: ${columnsText(p.schema, p.fileSchema.length)}`];
      if (p.predicate !== null) parts.push(`skip unless ${cut(p.predicate)}`);
      if (p.limit !== null) parts.push(`first ${count(p.limit)} rows`);
      return parts.join('; ');
    }
    case 'table':
      return `TABLE ${count(p.rows)} rows: ${columnsText(p.schema)}`;
    case 'project':
      return `PROJECT ${namedText(p.exprs)}`;
    case 'filter':
      return `FILTER ${cut(p.predicate)}`;
    case 'aggregate':
      return `AGGREGATE ${p.keys.length === 0 ? '' : `by ${namedText(p.keys)}${p.aggs.length === 0 ? '' : ': '}`}${namedText(p.aggs)}${p.maintainOrder ? ' (in order)' : ''}`;
    case 'join': {
      const on = p.leftOn.map((l, i) => (l === p.rightOn[i] ? l : `${l} = ${p.rightOn[i]}`)).join(', ');
      const notes = [
        p.how === 'cross' ? '' : `build ${p.build}`,
        p.nullsEqual ? 'nulls equal' : '',
        p.maintainOrder ? 'in order' : '',
      ].filter((n) => n !== '');
      return `JOIN ${p.how}${on === '' ? '' : ` on ${on}`}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
    }
    case 'sort':
      return `SORT ${p.keys.map(keyText).join(', ')}${p.limit === null ? '' : ` (first ${count(p.limit)})`}`;
    case 'slice':
      if (p.offset === 0) return p.length === null ? 'SLICE all' : `HEAD ${count(p.length)}`;
      if (p.offset < 0 && p.length === null) return `TAIL ${count(-p.offset)}`;
      return `SLICE from ${p.offset}${p.length === null ? '' : `, ${count(p.length)} rows`}`;
    case 'distinct':
      return `DISTINCT${p.subset.length === 0 ? '' : ` on ${listed(p.subset)}`}${p.keep === 'any' ? '' : `, keep ${p.keep}`}${p.maintainOrder ? ' (in order)' : ''}`;
    case 'union':
      return `UNION ${p.how} of ${p.inputs.length}`;
    case 'write':
      return `WRITE ${p.format} ${p.path}`;
    case 'host':
      return `HOST function: ${columnsText(p.schema)}`;
  }
}

/** The plan as a tree; `note` gives text to put behind a node's line. A part reached twice is printed once. */
export function explainPlan(plan: PlanNode, note: (node: PlanNode) => string = () => ''): string {
  const readers = new Map<PlanNode, number>();
  const visit = (node: PlanNode): void => {
    const seen = readers.get(node) ?? 0;
    readers.set(node, seen + 1);
    if (seen === 0) for (const input of inputsOf(node)) visit(input);
  };
  visit(plan);
  const lines: string[] = [];
  const numbers = new Map<PlanNode, number>();
  const write = (node: PlanNode, indent: string): void => {
    const shared = (readers.get(node) ?? 0) > 1 && inputsOf(node).length > 0;
    const known = numbers.get(node);
    if (known !== undefined) {
      lines.push(`${indent}the same as #${known}`);
      return;
    }
    if (shared) numbers.set(node, numbers.size + 1);
    const behind = note(node);
    const mark = shared ? `#${numbers.get(node)} ` : '';
    lines.push(`${indent}${mark}${nodeLabel(node)}${behind === '' ? '' : `  [${behind}]`}`);
    for (const input of inputsOf(node)) write(input, `${indent}  `);
  };
  write(plan, '');
  return lines.join('\n');
}

/** 12,345: every query labels its steps, and toLocaleString takes as long as planning one of them. */
const count = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');

function filesText(files: readonly FileSpec[]): string {
  const rows = files.every((f) => f.rows !== undefined)
    ? `, ${count(files.reduce((sum, f) => sum + (f.rows ?? 0), 0))} rows`
    : '';
  const first = files[0];
  if (first === undefined) return 'no files';
  return `${sourceName(first.source)}${files.length > 1 ? ` and ${count(files.length - 1)} more` : ''}${rows}`;
}

function sourceName(source: FileSpec['source']): string {
  const path = source.kind === 'file' ? source.path : source.kind === 'http' ? source.url : '<bytes>';
  return path.split(/[\\/]/).at(-1) ?? path;
}

function columnsText(schema: Schema, of = schema.length): string {
  const names = listed(schema.map((f) => f.name));
  return of === schema.length ? names : `${schema.length} of ${of} columns${names === '' ? '' : ` (${names})`}`;
}

function listed(names: readonly string[]): string {
  if (names.length <= LISTED) return names.join(', ');
  return `${names.slice(0, LISTED - 1).join(', ')} and ${names.length - LISTED + 1} more`;
}

/** Columns kept under their names come as a list, shortened; computed ones in full. */
function namedText(exprs: readonly NamedExpr[]): string {
  const isKept = (e: NamedExpr): boolean => e.expr.node === 'col' && e.expr.name === e.name;
  if (exprs.filter(isKept).length <= LISTED)
    return exprs.map((e) => (isKept(e) ? e.name : `${e.name} = ${cut(e.expr)}`)).join(', ');
  const kept = exprs.filter(isKept).map((e) => e.name);
  const computed = exprs.filter((e) => !isKept(e)).map((e) => `${e.name} = ${cut(e.expr)}`);
  return [listed(kept), ...computed].join(', ');
}

function keyText(key: OrderKey): string {
  return `${key.expr.node === 'col' ? key.expr.name : cut(key.expr)}${key.descending ? ' descending' : ''}${key.nullsFirst ? ' nulls first' : ''}`;
}

function cut(e: ExprNode): string {
  const text = exprText(e);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
