// Strings: what kernels do on bytes, and what JavaScript does once per distinct value.
import type { CallNode } from '../../../expr/nodes.ts';
import { bytesFor, physicalOf } from '../../../schema/types.ts';
import { allocVector } from '../columns/alloc.ts';
import { gather } from '../columns/gather.ts';
import { textsOf, vectorOfTexts } from '../columns/texts.ts';
import type { ExecContext } from '../context.ts';
import { encodeDictionary } from '../host/dictionary.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { bothValid, type Operand, operandOf, zeroUnderNulls } from './operands.ts';
import { perWord, textResult } from './per-word.ts';

/** All rows null. */
function allNull(ctx: ExecContext, call: CallNode, length: number): Vector {
  const v = allocVector(ctx, call.type, length, ctx.scratch, true);
  const { u8 } = ctx.heap.refresh();
  u8.fill(0, v.data, v.data + bytesFor(physicalOf(call.type), length));
  u8.fill(0, v.validity, v.validity + bytesFor('bit', length));
  return v;
}

const search =
  (wanted: number): ElementwiseKernel =>
  (ctx, call, args, length) => {
    const [a, b] = args.map((v, i) => operandOf(ctx, call.args[i]!, v)) as [Operand, Operand];
    if (a.isNull || b.isNull) return allNull(ctx, call, length);
    const data = ctx.scratch.alloc(bytesFor('bit', length));
    ctx.kernels.get('text').search(a.address, a.stride, b.address, b.stride, length, wanted, data);
    const validity = bothValid(ctx, [a.validity, b.validity], length);
    return zeroUnderNulls(ctx, { type: call.type, length, data, validity });
  };

const lengths =
  (chars: number): ElementwiseKernel =>
  (ctx, call, [v], length) => {
    const data = ctx.scratch.alloc(length * 4);
    ctx.kernels.get('text').lengths(v!.data, length, chars, data);
    return { type: call.type, length, data, validity: v!.validity };
  };

/** Views into the argument's own bytes. */
const views =
  (compute: (ctx: ExecContext, call: CallNode, src: number, length: number, dst: number) => void): ElementwiseKernel =>
  (ctx, call, [v], length) => {
    const data = ctx.scratch.alloc(length * 16);
    compute(ctx, call, v!.data, length, data);
    return { type: call.type, length, data, validity: v!.validity };
  };

const slice = views((ctx, call, src, length, dst) => {
  const { offset, length: count } = call.options as { offset: number; length: number | null };
  ctx.kernels.get('text').slices(src, length, offset, count ?? -1, dst);
});

const trimSpace = (ends: number): ElementwiseKernel =>
  views((ctx, _, src, length, dst) => ctx.kernels.get('text').trims(src, length, ends, dst));

/** `chars` null trims white space by kernel, otherwise those characters. */
const trim = (ends: number): CpuFunction => {
  const space = trimSpace(ends);
  const words = perWord((ctx, call, all) => {
    const set = new Set([...(call.options['chars'] as string)]);
    return textResult(
      ctx,
      all.map((w) => trimSet(w, set, ends)),
    );
  });
  return {
    kernel: (ctx, call, args, length, state) =>
      call.options['chars'] === null
        ? space(ctx, call, args, length, state)
        : words.kernel!(ctx, call, args, length, state),
  };
};

function trimSet(word: string, set: ReadonlySet<string>, ends: number): string {
  const chars = [...word];
  let from = 0;
  let to = chars.length;
  if (ends & 1) while (from < to && set.has(chars[from]!)) from++;
  if (ends & 2) while (to > from && set.has(chars[to - 1]!)) to--;
  return chars.slice(from, to).join('');
}

const changeCase = (upper: boolean): CpuFunction => {
  const words = perWord((ctx, _, all) =>
    textResult(
      ctx,
      all.map((w) => simpleCase(w, upper)),
    ),
  );
  return {
    kernel: (ctx, call, args, length, state) => {
      const v = args[0]!;
      const text = ctx.kernels.get('text');
      if (text.hasNonAscii(v.data, length) !== 0) return words.kernel!(ctx, call, args, length, state);
      const data = ctx.scratch.alloc(length * 16);
      const bytes = ctx.scratch.alloc(ctx.kernels.get('core').longViewBytes(v.data, length));
      text.asciiCase(v.data, length, upper ? 1 : 0, bytes, data);
      return { type: call.type, length, data, validity: v.validity };
    },
  };
};

/** Unicode's simple case mapping: one code point to one, without regard to its neighbours or a language. */
function simpleCase(text: string, upper: boolean): string {
  let result = '';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    const mapped = upper ? c.toUpperCase() : c.toLowerCase();
    if (mapped.length === c.length && [...mapped].length === 1) result += mapped;
    else if (upper && isIotaSubscript(code))
      result += String.fromCodePoint(code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? code + 9 : code + 8);
    else if (!upper && code === 0x130) result += 'i';
    else result += [...mapped].length === 1 ? mapped : c;
  }
  return result;
}
/** Greek letters whose full upper case is two letters but whose simple one is a title-case letter. */
const isIotaSubscript = (c: number): boolean =>
  (c >= 0x1f80 && c <= 0x1f87) ||
  (c >= 0x1f90 && c <= 0x1f97) ||
  (c >= 0x1fa0 && c <= 0x1fa7) ||
  c === 0x1fb3 ||
  c === 0x1fc3 ||
  c === 0x1ff3;

const charCount = (text: string): number => {
  let n = 0;
  for (const _ of text) n++;
  return n;
};
const pad = (start: boolean): CpuFunction =>
  perWord((ctx, call, words) => {
    const { length, fill } = call.options as { length: number; fill: string };
    return textResult(
      ctx,
      words.map((w) => {
        const missing = length - charCount(w);
        return missing <= 0 ? w : start ? fill.repeat(missing) + w : w + fill.repeat(missing);
      }),
    );
  });
const zfill = perWord((ctx, call, words) => {
  const width = call.options['length'] as number;
  return textResult(
    ctx,
    words.map((w) => {
      const sign = w.startsWith('-') || w.startsWith('+') ? w[0]! : '';
      const missing = width - charCount(w);
      return missing <= 0 ? w : sign + '0'.repeat(missing) + w.slice(sign.length);
    }),
  );
});

const replaceText = perWord((ctx, call, words) => {
  const { text, replacement, all } = call.options as { text: string; replacement: string; all: boolean };
  return textResult(
    ctx,
    words.map((w) => {
      if (!all) {
        const at = w.indexOf(text);
        return at < 0 ? w : w.slice(0, at) + replacement + w.slice(at + text.length);
      }
      // An empty text stands before, between and after all code points.
      return text === '' ? replacement + [...w].map((c) => c + replacement).join('') : w.split(text).join(replacement);
    }),
  );
});

const concat: ElementwiseKernel = (ctx, call, args, length) => {
  const operands = args.map((v, i) => operandOf(ctx, call.args[i]!, v));
  if (operands.some((o) => o.isNull)) return allNull(ctx, call, length);
  const text = ctx.kernels.get('text');
  let left = operands[0]!;
  for (const right of operands.slice(1)) {
    const bytes = ctx.scratch.alloc(
      text.concatBytes(left.address, left.stride, right.address, right.stride, length) + 32,
    );
    const data = ctx.scratch.alloc(length * 16);
    text.concats(left.address, left.stride, right.address, right.stride, length, bytes, data);
    left = { address: data, stride: 16, validity: 0, isNull: false };
  }
  const validity = bothValid(
    ctx,
    operands.map((o) => o.validity),
    length,
  );
  return zeroUnderNulls(ctx, { type: call.type, length, data: left.address, validity });
};

const split: ElementwiseKernel = (ctx, call, [v], length) => {
  const separator = call.options['separator'] as string;
  const coded = encodeDictionary(ctx, v!, ctx.scratch);
  const words = textsOf(ctx, coded.dict!);
  const parts: string[] = [];
  const ends: number[] = [];
  for (const w of words) {
    parts.push(...(separator === '' ? [...w] : w.split(separator)));
    ends.push(parts.length);
  }
  const items = vectorOfTexts(ctx, { dtype: 'Utf8' }, parts, 0, ctx.scratch);
  const offsets = ctx.scratch.alloc((words.length + 2) * 4);
  const { u32 } = ctx.heap.refresh();
  u32[offsets >>> 2] = 0;
  ends.forEach((end, i) => {
    u32[(offsets >>> 2) + i + 1] = end;
  });
  // One more, empty list for rows that are null.
  u32[(offsets >>> 2) + words.length + 1] = parts.length;
  const lists: Vector = { type: call.type, length: words.length + 1, data: offsets, validity: 0, children: [items] };
  let codes = coded.data;
  if (v!.validity !== 0) {
    codes = ctx.scratch.alloc(length * 4);
    const heap = ctx.heap.refresh();
    for (let i = 0; i < length; i++) {
      const valid = ((heap.u8[v!.validity + (i >> 3)]! >> (i & 7)) & 1) === 1;
      heap.u32[(codes >>> 2) + i] = valid ? heap.u32[(coded.data >>> 2) + i]! : words.length;
    }
  }
  return { ...gather(ctx, lists, codes, length, ctx.scratch), validity: v!.validity };
};

export const stringFunctions: Readonly<Record<string, CpuFunction>> = {
  contains: { kernel: search(0), literals: 'all' },
  startsWith: { kernel: search(1), literals: 'all' },
  endsWith: { kernel: search(2), literals: 'all' },
  toUpperCase: changeCase(true),
  toLowerCase: changeCase(false),
  lenChars: { kernel: lengths(1) },
  lenBytes: { kernel: lengths(0) },
  trim: trim(3),
  trimStart: trim(1),
  trimEnd: trim(2),
  slice: { kernel: slice },
  padStart: pad(true),
  padEnd: pad(false),
  zfill,
  replaceText,
  concat: { kernel: concat, literals: 'all' },
  split: { kernel: split, perRow: true },
};
