// The small language between expressions and wasm. A node stands for the same computation on eight rows: a bundle of
// vectors (two of 32-bit lanes or four of 64-bit ones), or a mask of eight bits in an i32. Functions are lowered to it.
import type { Physical } from '../../../schema/types.ts';
import type { Asm } from './asm.ts';
import { CONVERT, I32X4, V } from './opcodes.ts';

/** Lanes of a bundle; integers up to 32 bits travel as i32, sign- or zero-extended. */
export type LaneKind = 'i32' | 'i64' | 'f32' | 'f64';
export type Kind = LaneKind | 'mask';

/** Vectors in a bundle. */
export const vectorsOf = (kind: LaneKind): 2 | 4 => (kind === 'i32' || kind === 'f32' ? 2 : 4);

/** The lanes that carry a layout; null for layouts that cannot be in a module. */
export function carrierOf(physical: Physical): Kind | null {
  switch (physical) {
    case 'bit':
      return 'mask';
    case 'i8':
    case 'i16':
    case 'i32':
    case 'u8':
    case 'u16':
    case 'u32':
      return 'i32';
    case 'i64':
    case 'u64':
      return 'i64';
    case 'f32':
    case 'f64':
      return physical;
    default:
      return null;
  }
}

/** A function of a kernel module that lane code may call. */
export interface MathCall {
  readonly name: string;
  readonly params: readonly LaneKind[];
  readonly result: LaneKind;
}
/** What code for one lane can do. Arguments are read with `arg`; the result is left on the stack. */
export interface LaneAsm {
  readonly asm: Asm;
  arg(index: number): void;
  call(fn: MathCall): void;
  /** A local for intermediate values, by lane kind and number. */
  temp(kind: LaneKind, index: number): number;
}
export type LaneCode = (at: LaneAsm) => void;

export type Op =
  /** Column data; `imm` = input, `physical` its layout. */
  | 'load'
  /** Bits of a Bool column. */
  | 'loadMask'
  /** Validity of a column. */
  | 'valid'
  /** A literal argument, in all lanes; `imm` = its number. */
  | 'lit'
  | 'litMask'
  /** A constant in all lanes. */
  | 'const'
  | 'constMask'
  /** A SIMD instruction applied vector by vector; `imm` = its number. */
  | 'simd'
  /** A shift by a constant: `imm` = instruction, `imm2` = bits. */
  | 'shift'
  /** 32-bit lanes to 64-bit ones: `imm` = instruction on the low half, `imm2` = on the high half or −1 to shuffle first. */
  | 'widen'
  /** 64-bit lanes to 32-bit ones: `imm` = instruction that leaves two lanes in the low half, or −1 to take low words. */
  | 'narrow'
  /** Code for each lane on its own. */
  | 'lanes'
  /** Lanes of ones and zeroes → mask. */
  | 'toMask'
  /** Mask → lanes of ones and zeroes. */
  | 'fromMask'
  /** i32 instruction on masks; `imm` = its number. */
  | 'mask';

export interface Node {
  readonly id: number;
  readonly op: Op;
  readonly kind: Kind;
  readonly args: readonly Node[];
  readonly imm: number;
  readonly imm2: number;
  readonly physical: Physical | undefined;
  readonly value: number | bigint | undefined;
  readonly code: LaneCode | undefined;
  /** The emitter's: how often a value is asked for, and the locals it is kept in. */
  demand: number;
  locals: number[] | null;
}

const AND = 0x71;
const OR = 0x72;
const XOR = 0x73;

interface Extra {
  readonly physical?: Physical;
  readonly value?: number | bigint;
  readonly code?: LaneCode;
  readonly key?: string;
}
const NOTHING: Extra = Object.freeze({});

/** Makes nodes; the same computation asked for twice is one node. */
export class Builder {
  readonly #seen = new Map<string, Node>();

  #node(op: Op, kind: Kind, args: readonly Node[], imm: number, imm2 = 0, extra: Extra = NOTHING): Node {
    let key = `${op}${kind}${imm},${imm2}${extra.key ?? ''}`;
    for (const a of args) key += `;${a.id}`;
    const seen = this.#seen.get(key);
    if (seen) return seen;
    const { physical, value, code } = extra;
    const id = this.#seen.size;
    const node: Node = { id, op, kind, args, imm, imm2, physical, value, code, demand: 0, locals: null };
    this.#seen.set(key, node);
    return node;
  }

  // Inputs
  load(input: number, physical: Physical): Node {
    const kind = carrierOf(physical) as Kind;
    if (kind === 'mask') return this.#node('loadMask', 'mask', [], input);
    return this.#node('load', kind, [], input, 0, { physical });
  }
  valid(input: number): Node {
    return this.#node('valid', 'mask', [], input);
  }
  lit(slot: number, kind: Kind): Node {
    return kind === 'mask' ? this.#node('litMask', 'mask', [], slot) : this.#node('lit', kind, [], slot);
  }
  /** The same number in all lanes. */
  constant(kind: LaneKind, value: number | bigint): Node {
    const key = Object.is(value, -0) ? '-0' : String(value);
    return this.#node('const', kind, [], 0, 0, { value, key });
  }
  /** Eight times the same bit. */
  constantMask(bit: boolean): Node {
    return this.#node('constMask', 'mask', [], bit ? 255 : 0);
  }

  // Vectors
  simd(kind: LaneKind, code: number, ...args: Node[]): Node {
    return this.#node('simd', kind, args, code);
  }
  shift(a: Node, code: number, bits: number): Node {
    return this.#node('shift', a.kind, [a], code, bits);
  }
  widen(kind: 'i64' | 'f64', a: Node, low: number, high: number): Node {
    return this.#node('widen', kind, [a], low, high);
  }
  narrow(kind: 'i32' | 'f32', a: Node, code: number): Node {
    return this.#node('narrow', kind, [a], code);
  }
  /** Lane by lane; `key` names the code. */
  lanes(kind: LaneKind, key: string, code: LaneCode, ...args: Node[]): Node {
    return this.#node('lanes', kind, args, 0, 0, { code, key });
  }
  /** a where the lanes of `mask` are ones, b elsewhere. */
  select(mask: Node, a: Node, b: Node): Node {
    return a === b ? a : this.#node('simd', a.kind, [a, b, mask], V.bitselect);
  }
  /** a where the mask's bit is set, b elsewhere; for masks as well. */
  choose(mask: Node, a: Node, b: Node): Node {
    if (a === b) return a;
    if (mask.op === 'constMask') return mask.imm === 255 ? a : b;
    if (a.kind === 'mask') return this.or(this.and(mask, a), this.andNot(b, mask));
    return this.select(this.fromMask(mask, a.kind), a, b);
  }

  // Masks
  toMask(a: Node): Node {
    return this.#node('toMask', 'mask', [a], 0);
  }
  fromMask(mask: Node, kind: LaneKind): Node {
    const lanes = vectorsOf(kind) === 2 ? 'i32' : 'i64';
    return this.#node('fromMask', lanes, [mask], 0);
  }
  and(a: Node, b: Node): Node {
    if (a === b) return a;
    if (a.op === 'constMask') return a.imm === 255 ? b : a;
    if (b.op === 'constMask') return b.imm === 255 ? a : b;
    return this.#node('mask', 'mask', [a, b], AND);
  }
  or(a: Node, b: Node): Node {
    if (a === b) return a;
    if (a.op === 'constMask') return a.imm === 255 ? a : b;
    if (b.op === 'constMask') return b.imm === 255 ? b : a;
    return this.#node('mask', 'mask', [a, b], OR);
  }
  xor(a: Node, b: Node): Node {
    if (a.op === 'constMask' && b.op === 'constMask') return this.constantMask(a.imm !== b.imm);
    return this.#node('mask', 'mask', [a, b], XOR);
  }
  not(a: Node): Node {
    return this.xor(a, this.constantMask(true));
  }
  /** a and not b. */
  andNot(a: Node, b: Node): Node {
    if (b.op === 'constMask') return b.imm === 255 ? this.constantMask(false) : a;
    return this.and(a, this.not(b));
  }
  /** Both, where null stands for all ones. */
  both(a: Node | null, b: Node | null): Node | null {
    if (a === null) return b;
    return b === null ? a : this.and(a, b);
  }

  // Conversions between carriers; values must fit.
  i64FromI32(a: Node, signed: boolean): Node {
    return signed
      ? this.widen('i64', a, CONVERT.i64FromI32LowS, CONVERT.i64FromI32HighS)
      : this.widen('i64', a, CONVERT.i64FromI32LowU, CONVERT.i64FromI32HighU);
  }
  f64FromI32(a: Node, signed: boolean): Node {
    return this.widen('f64', a, signed ? CONVERT.f64FromI32S : CONVERT.f64FromI32U, -1);
  }
  f64FromF32(a: Node): Node {
    return this.widen('f64', a, CONVERT.f64FromF32, -1);
  }
  f32FromF64(a: Node): Node {
    return this.narrow('f32', a, CONVERT.f32FromF64);
  }
  /** The low words. */
  i32FromI64(a: Node): Node {
    return this.narrow('i32', a, -1);
  }
  /** Brings an i32 result back into the range of its layout. */
  wrap(a: Node, physical: Physical): Node {
    switch (physical) {
      case 'i8':
        return this.shift(this.shift(a, I32X4.shl, 24), I32X4.shrS, 24);
      case 'i16':
        return this.shift(this.shift(a, I32X4.shl, 16), I32X4.shrS, 16);
      case 'u8':
        return this.simd('i32', V.and, a, this.constant('i32', 255));
      case 'u16':
        return this.simd('i32', V.and, a, this.constant('i32', 65535));
      default:
        return a;
    }
  }
}
