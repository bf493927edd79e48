// The expressions of one evaluator as a graph in which the same computation stands once, and its division into fused
// modules and kernels.
import { UnsupportedError } from '../../../errors.ts';
import type { CallNode, CastNode, ExprNode } from '../../../expr/nodes.ts';
import { type LogicalType, type Schema, typeText } from '../../../schema/types.ts';
import { castStep } from '../functions/cast.ts';
import type { CpuFunction } from '../functions/contracts.ts';
import { isFusable } from './lower.ts';

/** One computation. */
export interface Entry {
  readonly id: number;
  readonly expr: ExprNode;
  /** The expression as the user has it: a cast in two steps shares one. */
  readonly origin: ExprNode;
  /** List literals are not children. */
  readonly children: readonly Entry[];
  /** Column number in the input. */
  readonly column: number;
  readonly how: 'column' | 'literal' | 'fused' | 'kernel';
  readonly row: CpuFunction | undefined;
  /** Computations inside, itself included, roughly. */
  size: number;
  /** Its vector is kept: a result, an argument of a kernel, or a cut. */
  kept: boolean;
  /** In which round of modules, then kernels, it is computed. */
  stage: number;
  /** Number of its vector in a run; −1 while it has none. */
  slot: number;
}

/** A fused tree larger than this is cut, so that compiling it stays short. */
const MOST_NODES = 200;

const typeKeys = new WeakMap<LogicalType, string>();
/** A dtype as a key. */
export function typeKey(type: LogicalType): string {
  let key = typeKeys.get(type);
  if (key === undefined) {
    key = typeText(type);
    typeKeys.set(type, key);
  }
  return key;
}

export const isList = (e: ExprNode): boolean => e.node === 'lit' && Array.isArray(e.value);

export class Graph {
  readonly entries: Entry[] = [];
  readonly #byKey = new Map<string, Entry>();
  readonly #byNode = new Map<ExprNode, Entry>();
  readonly #columns: ReadonlyMap<string, number>;
  readonly #rowOf: (fn: string) => CpuFunction | undefined;

  constructor(input: Schema, rowOf: (fn: string) => CpuFunction | undefined) {
    this.#columns = new Map(input.map((f, i) => [f.name, i]));
    this.#rowOf = rowOf;
  }

  /** The entry of an expression. */
  add(expr: ExprNode, origin: ExprNode = expr): Entry {
    const known = this.#byNode.get(expr);
    if (known) return known;
    const entry = this.#intern(expr, origin);
    this.#byNode.set(expr, entry);
    return entry;
  }

  #intern(expr: ExprNode, origin: ExprNode): Entry {
    switch (expr.node) {
      case 'col': {
        const column = this.#columns.get(expr.name);
        if (column === undefined) throw new Error(`no column ${expr.name} in the input of an expression`);
        return this.#entry(`c${column}`, expr, origin, [], 'column', undefined, column);
      }
      case 'lit': {
        const { value } = expr;
        const own = typeof value === 'object' && value !== null;
        const key = `l${own ? `#${this.entries.length}` : `${typeof value}${Object.is(value, -0) ? '-0' : value}`}`;
        return this.#entry(`${key}:${typeKey(expr.type)}`, expr, origin, [], 'literal', undefined);
      }
      case 'call':
        return this.#call(expr, origin);
      case 'cast':
        return this.#cast(expr, origin);
      case 'when': {
        const children = [
          ...expr.branches.flatMap((b) => [this.add(b.when), this.add(b.then)]),
          this.add(expr.otherwise),
        ];
        return this.#entry('w', expr, origin, children, isFusable(expr.type) ? 'fused' : 'kernel', undefined);
      }
      case 'over':
        throw new UnsupportedError(
          'The CPU engine evaluates windows in a plan node of their own, not in an expression.',
        );
    }
  }

  #call(call: CallNode, origin: ExprNode): Entry {
    const row = this.#rowOf(call.fn);
    if (!row) throw new UnsupportedError(`The CPU engine has no elementwise function ${call.fn}().`, { fn: call.fn });
    const expr = row.narrowed?.(call) ?? call;
    const children = expr.args.filter((a) => !isList(a)).map((a) => this.add(a));
    const { emit } = row;
    const fused =
      emit !== undefined &&
      (emit.accepts
        ? emit.accepts(expr)
        : isFusable(expr.type) && (emit.validityOnly || expr.args.every((a) => isFusable(a.type))));
    if (!fused && !row.kernel) {
      const types = expr.args.map((a) => typeText(a.type)).join(', ');
      throw new UnsupportedError(`The CPU engine has no ${expr.fn}() of ${types}.`, { fn: expr.fn });
    }
    const lists = expr.args.some(isList) ? `#${this.entries.length}` : '';
    return this.#entry(
      `f${expr.fn}${lists}${optionsKey(expr)}`,
      expr,
      origin,
      children,
      fused ? 'fused' : 'kernel',
      row,
    );
  }

  #cast(expr: CastNode, origin: ExprNode): Entry {
    const step = castStep(expr.expr.type, expr.type);
    if (step === null) {
      throw new UnsupportedError(
        `The CPU engine has no cast from ${typeText(expr.expr.type)} to ${typeText(expr.type)}.`,
      );
    }
    if (typeof step === 'object') {
      // In two steps, both failing as the one cast that was written.
      const first: CastNode = { ...expr, type: step.via };
      this.add(first, origin);
      return this.#intern({ ...expr, expr: first }, origin);
    }
    return this.#entry(`t${expr.strict}`, expr, origin, [this.add(expr.expr)], step, undefined);
  }

  #entry(
    what: string,
    expr: ExprNode,
    origin: ExprNode,
    children: readonly Entry[],
    how: Entry['how'],
    row: CpuFunction | undefined,
    column = -1,
  ): Entry {
    const key = children.length === 0 ? what : `${what}:${typeKey(expr.type)}(${children.map((c) => c.id).join(',')})`;
    const known = this.#byKey.get(key);
    if (known) return known;
    const entry: Entry = {
      id: this.entries.length,
      expr,
      origin,
      children,
      column,
      how,
      row,
      size: 0,
      kept: false,
      stage: 0,
      slot: -1,
    };
    this.entries.push(entry);
    this.#byKey.set(key, entry);
    this.#place(entry);
    return entry;
  }

  /** Size and stage, cutting trees that are too large. Children have theirs. */
  #place(entry: Entry): void {
    const { children } = entry;
    if (entry.how === 'fused') {
      const inside = children.filter((c) => c.how === 'fused' && !c.kept);
      let size = 1 + inside.reduce((sum, c) => sum + c.size, 0);
      inside.sort((a, b) => a.size - b.size);
      while (size > MOST_NODES && inside.length > 0) {
        const cut = inside.pop()!;
        cut.kept = true;
        size -= cut.size;
      }
      entry.size = size;
      for (const c of children) entry.stage = Math.max(entry.stage, readyFor(c));
    } else if (entry.how === 'kernel') {
      for (const c of children) {
        if (c.how === 'fused') c.kept = true;
        entry.stage = Math.max(entry.stage, c.how === 'kernel' ? c.stage + 1 : c.stage);
      }
      entry.kept = true;
    }
  }
}

/** The first stage whose modules can read a child. */
function readyFor(c: Entry): number {
  if (c.how === 'kernel') return c.stage + 1;
  return c.how === 'fused' && c.kept ? c.stage + 1 : c.stage;
}

function optionsKey(expr: CallNode): string {
  for (const _ in expr.options) return JSON.stringify(expr.options);
  return '';
}
