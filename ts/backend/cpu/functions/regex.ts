// Regular expressions: RE2 syntax by re2js, linear in the text whatever the pattern, once per distinct value.

import type { CallNode } from '../../../expr/nodes.ts';
import { bytesFor } from '../../../schema/types.ts';
import { vectorOfTexts } from '../columns/texts.ts';
import type { CpuFunction } from './contracts.ts';
import { zeroUnderNulls } from './operands.ts';
import { boolResult, perWord, textResult } from './per-word.ts';
import { RE2JS } from './re2.ts';

/** The compiled pattern of a call, once per query. */
function patternOf(call: CallNode, state: Map<object, unknown>): RE2JS {
  let found = state.get(call) as RE2JS | undefined;
  if (!found) {
    const flags = call.options['flags'] as string;
    const bits =
      (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.includes('m') ? RE2JS.MULTILINE : 0) |
      (flags.includes('s') ? RE2JS.DOTALL : 0);
    found = RE2JS.compile(call.options['pattern'] as string, bits);
    state.set(call, found);
  }
  return found;
}

const byWord = perWord((ctx, call, words, state) => {
  const pattern = patternOf(call, state);
  return boolResult(
    ctx,
    words.map((w) => pattern.matcher(w).find()),
  );
});

/** The plain texts of a pattern that is nothing but texts with `.*` between them; null for any other pattern. */
export function piecesOf(call: CallNode): readonly string[] | null {
  if ((call.options['flags'] as string).includes('i')) return null;
  const pieces = (call.options['pattern'] as string).split('.*');
  return pieces.every((p) => /^(?:[^\\^$.|?*+()[\]{}]|\\[^\w\s])*$/.test(p))
    ? pieces.map((p) => p.replace(/\\(.)/g, '$1'))
    : null;
}

const matches: CpuFunction = {
  kernel(ctx, call, args, length, state) {
    const [v] = args;
    const pieces = piecesOf(call)?.filter((p) => p !== '');
    if (!pieces) return byWord.kernel!(ctx, call, args, length, state);
    const text = ctx.kernels.get('text');
    const data = ctx.scratch.alloc(bytesFor('bit', length));
    if (pieces.length > 1 && !(call.options['flags'] as string).includes('s')) {
      // The dot does not match a line's end: with one in sight the pattern itself must decide.
      const newline = vectorOfTexts(ctx, { dtype: 'Utf8' }, ['\n'], 0, ctx.scratch);
      text.search(v!.data, 16, newline.data, 0, length, 0, data);
      if (ctx.kernels.get('core').popcountBits(data, length) > 0) return byWord.kernel!(ctx, call, args, length, state);
    }
    const wanted = vectorOfTexts(ctx, { dtype: 'Utf8' }, pieces, 0, ctx.scratch);
    text.searchPieces(v!.data, length, wanted.data, pieces.length, data);
    return zeroUnderNulls(ctx, { type: call.type, length, data, validity: v!.validity });
  },
};

const extract = perWord((ctx, call, words, state) => {
  const pattern = patternOf(call, state);
  const group = call.options['group'] as number;
  return textResult(
    ctx,
    words.map((w) => {
      const m = pattern.matcher(w);
      return m.find() && group <= m.groupCount() ? m.group(group) : null;
    }),
  );
});

const replaceRegex = perWord((ctx, call, words, state) => {
  const pattern = patternOf(call, state);
  const template = call.options['template'] as unknown as readonly (string | number)[];
  const all = call.options['all'] as boolean;
  return textResult(
    ctx,
    words.map((w) => {
      const m = pattern.matcher(w);
      let result = '';
      let at = 0;
      while (m.find()) {
        result += w.slice(at, m.start());
        for (const part of template) result += typeof part === 'string' ? part : (m.group(part) ?? '');
        at = m.end();
        if (!all) break;
      }
      return result + w.slice(at);
    }),
  );
});

export const regexFunctions: Readonly<Record<string, CpuFunction>> = { matches, extract, replaceRegex };
