// A fused step: results of one evaluator computed by one module, emitted for the shape of its expressions (functions,
// dtypes, which inputs have nulls; never values or addresses) and kept for the next evaluator with the same shape.
import type { LiteralValue, LitNode } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { lowerCast } from '../functions/cast-lanes.ts';
import { lowerWhen } from '../functions/when.ts';
import type { Kernels } from '../kernels.ts';
import type { Vector } from '../vector.ts';
import { emitModule } from './emitter.ts';
import { type Entry, isList, typeKey } from './graph.ts';
import { Builder, carrierOf, type Kind, type Node } from './ir.ts';
import { type Lowering, type Value, value } from './lower.ts';
import { ARGS, type Check, inputAt, literalAt, type Output, outputAt } from './program.ts';

/** Where a run failed. */
export interface Fault {
  readonly entry: Entry;
  readonly row: number;
}

/** What a module needs at run time. */
interface Compiled {
  readonly run: (args: number) => void;
  /** Whether each output has a bitmap. */
  readonly hasValidity: readonly boolean[];
}

/** Modules emitted so far, by shape; the same bytes serve every thread's heap. */
const emitted = new Map<string, { bytes: Uint8Array; imports: readonly string[]; hasValidity: readonly boolean[] }>();
const MOST_SHAPES = 2000;
/** Instances, by heap. */
const instances = new WeakMap<Kernels, Map<string, Compiled>>();

export class FusedStep {
  readonly roots: readonly Entry[];
  /** Columns and kept vectors that the module reads. */
  readonly inputs: readonly Entry[];
  /** Inputs of which only the validity is read. */
  readonly #validityOnly: readonly boolean[];
  readonly #literals: readonly { type: LogicalType; value: LiteralValue }[];
  readonly #literalWords: Uint32Array;
  readonly #literalSlots: ReadonlyMap<Entry, number>;
  readonly #listSlots: ReadonlyMap<Entry, number>;
  /** Computed entries, in the order of the key: checks name them by their place. */
  readonly #nodes: readonly Entry[];
  readonly #key: string;
  /** A root whose bitmap is not wanted: a predicate is zero under null anyway. */
  readonly #predicate: Entry | null;
  #last: { mask: number | string; kernels: Kernels; compiled: Compiled } | null = null;
  readonly #variants = new Map<number | string, Compiled>();

  constructor(roots: readonly Entry[], isInput: (e: Entry) => boolean, predicate: Entry | null) {
    this.roots = roots;
    this.#predicate = predicate;
    const inputs = new Map<Entry, number>();
    const dataRead = new Set<Entry>();
    const literals: { type: LogicalType; value: LiteralValue }[] = [];
    const literalSlots = new Map<Entry, number>();
    const listSlots = new Map<Entry, number>();
    const nodes: Entry[] = [];
    const numbers = new Map<Entry, number>();
    let key = `${predicate === null ? '' : roots.indexOf(predicate)}:`;
    const slotOf = (e: Entry): number => {
      let slot = literalSlots.get(e);
      if (slot === undefined) {
        slot = literals.length;
        literalSlots.set(e, slot);
        literals.push({ type: e.expr.type, value: (e.expr as LitNode).value });
      }
      return slot;
    };
    const visit = (e: Entry, needsData: boolean): void => {
      const isRoot = roots.includes(e);
      if (e.how === 'literal') {
        if (needsData) key += `${literalKey(e)}${slotOf(e)}`;
        else key += `n${(e.expr as LitNode).value === null}`;
        return;
      }
      if (e.how === 'column' || (!isRoot && isInput(e))) {
        let n = inputs.get(e);
        if (n === undefined) {
          n = inputs.size;
          inputs.set(e, n);
        }
        if (needsData) dataRead.add(e);
        key += `c${n}${needsData ? '' : '?'}${typeKey(e.expr.type)}`;
        return;
      }
      const seen = numbers.get(e);
      if (seen !== undefined) {
        key += `#${seen}`;
        return;
      }
      numbers.set(e, nodes.length);
      nodes.push(e);
      key += `${headOf(e)}(`;
      const dataOfChildren = !e.row?.emit?.validityOnly;
      for (const c of e.children) {
        visit(c, dataOfChildren);
        key += ',';
      }
      if (e.expr.node === 'call') {
        const list = e.expr.args.find(isList) as LitNode | undefined;
        if (list) {
          const items = list.value as readonly LiteralValue[];
          key += `[${items.length}]`;
          listSlots.set(e, literals.length);
          for (const item of items) literals.push({ type: list.type, value: item });
        }
      }
      key += ')';
    };
    for (const r of roots) {
      visit(r, true);
      key += ';';
    }
    this.inputs = [...inputs.keys()];
    this.#validityOnly = this.inputs.map((e) => !dataRead.has(e));
    this.#literals = literals;
    this.#literalWords = literalWords(literals);
    this.#literalSlots = literalSlots;
    this.#listSlots = listSlots;
    this.#nodes = nodes;
    this.#key = key;
  }

  /** Whether the values of input i are read, not only its validity. */
  readsData(i: number): boolean {
    return !this.#validityOnly[i];
  }

  /**
   * Computes the roots from the inputs' flat vectors. Vectors are in scratch, or at the root's address in `places` where
   * that is not 0; a fault is returned instead.
   */
  run(
    ctx: ExecContext,
    inputs: readonly Vector[],
    length: number,
    places: readonly number[] | null = null,
  ): Vector[] | Fault {
    const compiled = this.#compiled(ctx, inputs);
    const { scratch } = ctx;
    const vectors: { type: LogicalType; length: number; data: number; validity: number }[] = [];
    for (let i = 0; i < this.roots.length; i++) {
      const { type } = this.roots[i]!.expr;
      vectors.push({
        type,
        length,
        data: places?.[i] || scratch.alloc(bytesFor(physicalOf(type), length)),
        validity: compiled.hasValidity[i] ? scratch.alloc(bytesFor('bit', length)) : 0,
      });
    }
    const outputs = this.roots.length;
    const args = scratch.alloc(literalAt(outputs, inputs.length, this.#literals.length));
    const { u32 } = ctx.heap.refresh();
    const at = args >>> 2;
    u32[at + (ARGS.groups >> 2)] = (length + 7) >>> 3;
    u32[at + (ARGS.lastRows >> 2)] = length & 7 ? (1 << (length & 7)) - 1 : 255;
    u32[at + (ARGS.faultId >> 2)] = 0;
    for (let i = 0; i < outputs; i++) {
      const o = at + (outputAt(i) >> 2);
      u32[o] = vectors[i]!.data;
      u32[o + 1] = vectors[i]!.validity;
    }
    for (let i = 0; i < inputs.length; i++) {
      const o = at + (inputAt(outputs, i) >> 2);
      u32[o] = inputs[i]!.data;
      u32[o + 1] = inputs[i]!.validity;
    }
    u32.set(this.#literalWords, at + (literalAt(outputs, inputs.length, 0) >> 2));
    compiled.run(args);
    if (u32[at + (ARGS.faultId >> 2)] !== 0) return this.#fault(u32, at, length);
    for (const v of vectors) {
      if (v.validity !== 0 && ctx.kernels.get('values').allOnes(v.validity, length) !== 0) v.validity = 0;
    }
    return vectors;
  }

  #fault(u32: Uint32Array, at: number, length: number): Fault {
    const group = ((length + 7) >>> 3) - u32[at + (ARGS.faultLeft >> 2)]!;
    const rows = u32[at + (ARGS.faultRows >> 2)]!;
    const first = 31 - Math.clz32(rows & -rows);
    return { entry: this.#nodes[u32[at + (ARGS.faultId >> 2)]! - 1]!, row: group * 8 + first };
  }

  #compiled(ctx: ExecContext, inputs: readonly Vector[]): Compiled {
    let mask: number | string = 0;
    if (inputs.length <= 50) for (const v of inputs) mask = mask * 2 + (v.validity === 0 ? 0 : 1);
    else mask = inputs.map((v) => (v.validity === 0 ? 0 : 1)).join('');
    const last = this.#last;
    if (last && last.mask === mask && last.kernels === ctx.kernels) return last.compiled;
    let compiled = last?.kernels === ctx.kernels ? this.#variants.get(mask) : undefined;
    if (!compiled) {
      compiled = this.#instantiate(ctx, `${this.#key}|${mask}`, inputs);
      if (last && last.kernels !== ctx.kernels) this.#variants.clear();
      this.#variants.set(mask, compiled);
    }
    this.#last = { mask, kernels: ctx.kernels, compiled };
    return compiled;
  }

  #instantiate(ctx: ExecContext, key: string, inputs: readonly Vector[]): Compiled {
    let known = instances.get(ctx.kernels);
    if (!known) {
      known = new Map();
      instances.set(ctx.kernels, known);
    }
    const found = known.get(key);
    if (found) return found;
    let module = emitted.get(key);
    if (!module) {
      module = this.#emit(inputs.map((v) => v.validity !== 0));
      if (emitted.size >= MOST_SHAPES) emitted.clear();
      emitted.set(key, module);
    }
    const functions: Record<string, unknown> = {};
    if (module.imports.length > 0) {
      const math = ctx.kernels.get('math') as unknown as Record<string, unknown>;
      for (const name of module.imports) functions[name] = math[name];
    }
    const exports = ctx.kernels.instantiate(module.bytes, functions);
    const compiled = { run: exports['f'] as (args: number) => void, hasValidity: module.hasValidity };
    if (known.size >= MOST_SHAPES) known.clear();
    known.set(key, compiled);
    return compiled;
  }

  #emit(nullable: readonly boolean[]): {
    bytes: Uint8Array;
    imports: readonly string[];
    hasValidity: readonly boolean[];
  } {
    const b = new Builder();
    const checks: Check[] = [];
    const done = new Map<Entry, Value>();
    let current = 0;
    const at: Lowering = {
      b,
      check: (mask, valid) => {
        checks.push({ mask: valid === null ? mask : b.and(mask, valid), id: current });
      },
      items: (list) => {
        const start = this.#listSlots.get(this.#nodes[current]!)!;
        const kind = carrierOf(physicalOf(list.type)) as Kind;
        return (list.value as readonly unknown[]).map((_, i) => b.lit(start + i, kind));
      },
      isNumber: (e) => e.node === 'lit' && typeof e.value === 'number' && !Number.isNaN(e.value),
    };
    const numbers = new Map(this.#nodes.map((e, i) => [e, i]));
    const inputs = new Map(this.inputs.map((e, i) => [e, i]));
    const lower = (e: Entry): Value => {
      const known = done.get(e);
      if (known) return known;
      const made = lowerOne(e);
      done.set(e, made);
      return made;
    };
    const lowerOne = (e: Entry): Value => {
      const { type } = e.expr;
      const physical = physicalOf(type);
      const input = inputs.get(e);
      if (input !== undefined) {
        const node = this.#validityOnly[input] ? b.constantMask(false) : b.load(input, physical);
        return { type, physical, node, valid: nullable[input] ? b.valid(input) : null };
      }
      if (e.how === 'literal') return this.#lowerLiteral(b, e);
      const args = e.children.map(lower);
      current = numbers.get(e)!;
      switch (e.expr.node) {
        case 'cast':
          return lowerCast(at, args[0]!, e.expr);
        case 'when':
          return lowerWhen(at, args, e.expr);
        case 'call':
          return e.row!.emit!.lower(at, args, e.expr);
        default:
          throw new Error(`not part of a module: ${e.expr.node}`);
      }
    };
    const outputs: Output[] = this.roots.map((e) => {
      const v = lower(e);
      return { value: v.node, valid: v.valid, physical: physicalOf(e.expr.type), storeValid: e !== this.#predicate };
    });
    const { bytes, imports } = emitModule({
      outputs,
      checks,
      inputs: this.inputs.map((e) => physicalOf(e.expr.type)),
      literals: this.#literals.length,
    });
    return { bytes, imports, hasValidity: outputs.map((o) => o.valid !== null && o.storeValid) };
  }

  #lowerLiteral(b: Builder, e: Entry): Value {
    const { type, value: v } = e.expr as LitNode;
    const kind = carrierOf(physicalOf(type));
    if (v === null) {
      const zero: Node = kind === 'mask' || kind === null ? b.constantMask(false) : b.constant(kind, 0);
      return { type, physical: physicalOf(type), node: zero, valid: b.constantMask(false) };
    }
    const slot = this.#literalSlots.get(e);
    // Only whether it is null is asked of one without a slot.
    if (slot === undefined || kind === null)
      return { type, physical: physicalOf(type), node: b.constantMask(false), valid: null };
    return value(b, type, b.lit(slot, kind), null);
  }
}

/** A literal's part of the key: what lowering may look at. */
function literalKey(e: Entry): string {
  const { type, value: v } = e.expr as LitNode;
  const what = v === null ? 'n' : typeof v === 'number' && Number.isNaN(v) ? 'q' : 'l';
  return what + typeKey(type);
}

/** A computation's part of the key. */
function headOf(e: Entry): string {
  const { expr } = e;
  switch (expr.node) {
    case 'call': {
      let options = '';
      for (const _ in expr.options) {
        options = JSON.stringify(expr.options);
        break;
      }
      return `${expr.fn}${options}:${typeKey(expr.type)}`;
    }
    case 'cast':
      return `cast${expr.strict ? '!' : ''}:${typeKey(expr.type)}`;
    default:
      return `${expr.node}:${typeKey(expr.type)}`;
  }
}

/** Literals as the argument block has them: 8 bytes each. */
function literalWords(literals: readonly { type: LogicalType; value: LiteralValue }[]): Uint32Array {
  const words = new Uint32Array(literals.length * 2);
  const view = new DataView(words.buffer);
  literals.forEach(({ type, value: v }, i) => {
    if (v === null) return;
    switch (carrierOf(physicalOf(type))) {
      case 'mask':
        view.setUint32(i * 8, v ? 255 : 0, true);
        break;
      case 'i32':
        view.setInt32(i * 8, Number(v), true);
        break;
      case 'i64':
        view.setBigInt64(i * 8, BigInt.asIntN(64, BigInt(v as bigint)), true);
        break;
      case 'f32':
        view.setFloat32(i * 8, Number(v), true);
        break;
      case 'f64':
        view.setFloat64(i * 8, Number(v), true);
        break;
      default:
    }
  });
  return words;
}
