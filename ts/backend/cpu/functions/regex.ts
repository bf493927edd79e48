// Regular expressions: RE2 syntax by re2js, linear in the text whatever the pattern, once per distinct value.
import { RE2JS } from 're2js';
import type { CallNode } from '../../../expr/nodes.ts';
import type { CpuFunction } from './contracts.ts';
import { boolResult, perWord, textResult } from './per-word.ts';

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

const matches = perWord((ctx, call, words, state) => {
  const pattern = patternOf(call, state);
  return boolResult(
    ctx,
    words.map((w) => pattern.matcher(w).find()),
  );
});

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
