// JavaScript regular expressions → RE2 patterns, and replacement text → a template of parts.
import { ParameterError } from '../errors.ts';
import type { OptionValue } from './nodes.ts';

/** A regular expression as options of a call. */
export interface Pattern {
  readonly pattern: string;
  /** A subset of 'ims', in that order. */
  readonly flags: string;
}

/** Converts a RegExp; refuses what RE2 has not. The flags d, g and u change nothing here; v and y are refused. */
export function patternOf(regex: RegExp): Pattern {
  const refused = /[vy]/.exec(regex.flags);
  if (refused) {
    throw new ParameterError(`The flag ${refused[0]} of ${regex} is not supported. Use i, m or s.`, {
      pattern: regex.source,
    });
  }
  const { pattern } = translate(regex.source, String(regex));
  return { pattern, flags: [...regex.flags].filter((f) => 'ims'.includes(f)).join('') };
}

/** The groups of a pattern: how many, and the numbers of the named ones. */
export function groupsOf(regex: RegExp): { count: number; names: ReadonlyMap<string, number> } {
  const { count, names } = translate(regex.source, String(regex));
  return { count, names };
}

/** Reads JavaScript's replacement text: strings to copy and numbers of groups to insert. */
export function templateOf(replacement: string, regex: RegExp): OptionValue {
  const { count, names } = groupsOf(regex);
  const parts: OptionValue[] = [];
  let text = '';
  const group = (n: number) => {
    if (text !== '') parts.push(text);
    text = '';
    parts.push(n);
  };
  for (let i = 0; i < replacement.length; i++) {
    const rest = replacement.slice(i);
    const number = /^\$(\d\d?)/.exec(rest);
    const name = names.size > 0 ? /^\$<([^>]*)>/.exec(rest) : null;
    // As in JavaScript, $12 is group 12 if there is one, else group 1 and a 2; a group that is not there stays text.
    const digits = [number?.[1], number?.[1]?.slice(0, 1)].find((d) => d !== undefined && +d >= 1 && +d <= count);
    if (rest.startsWith('$$')) {
      text += '$';
      i++;
    } else if (rest.startsWith('$&')) {
      group(0);
      i++;
    } else if (digits !== undefined) {
      group(Number(digits));
      i += digits.length;
    } else if (name !== null) {
      const n = names.get(name[1] as string);
      if (n === undefined) {
        throw new ParameterError(`The pattern ${regex} has no group named "${name[1]}".`, { pattern: regex.source });
      }
      group(n);
      i += name[0].length - 1;
    } else text += replacement[i];
  }
  if (text !== '') parts.push(text);
  return Object.freeze(parts);
}

interface Translated {
  readonly pattern: string;
  readonly count: number;
  readonly names: ReadonlyMap<string, number>;
}

// RE2 differs from JavaScript in a few spellings and lacks what needs backtracking.
function translate(source: string, shown: string): Translated {
  const refuse = (what: string): never => {
    throw new ParameterError(`The pattern ${shown} uses ${what}, which RE2 syntax does not have.`, { pattern: source });
  };
  const names = new Map<string, number>();
  let out = '';
  let count = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const ch = source[i] as string;
    if (ch === '\\') {
      const rest = source.slice(i);
      const next = source[i + 1] ?? '';
      const unicode = /^\\u(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))/.exec(rest);
      const control = /^\\c([A-Za-z])/.exec(rest);
      if (!inClass && /[1-9]/.test(next)) refuse('a back-reference');
      if (!inClass && next === 'k' && /^\\k</.test(rest)) refuse('a back-reference');
      if (unicode) {
        out += `\\x{${unicode[1] ?? unicode[2]}}`;
        i += unicode[0].length - 1;
      } else if (control) {
        out += `\\x{${((control[1] as string).charCodeAt(0) % 32).toString(16)}}`;
        i += 2;
      } else if (next === '0' && !/[0-9]/.test(source[i + 2] ?? '')) {
        out += '\\x{0}';
        i++;
      } else if (next === '/' || next === '-') {
        out += next === '/' ? '/' : inClass ? '\\-' : '-';
        i++;
      } else if (next === 'b' && inClass) {
        out += '\\x{8}';
        i++;
      } else if (next === 's' || next === 'S') {
        // JavaScript's white space is wider than RE2's ASCII set.
        const set = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
        if (inClass && next === 'S') refuse('\\S inside a class');
        out += inClass ? set : `[${next === 'S' ? '^' : ''}${set}]`;
        i++;
      } else {
        out += ch + next;
        i++;
      }
      continue;
    }
    if (inClass) {
      // RE2 reads [[:alpha:]] as a named class; in JavaScript it is plain characters.
      if (ch === '[') out += '\\[';
      else out += ch;
      if (ch === ']') inClass = false;
      continue;
    }
    if (ch === '[') {
      inClass = true;
      if (source.startsWith('[^]', i)) {
        out += '(?s:.)';
        i += 2;
        inClass = false;
        continue;
      }
      if (source.startsWith('[]', i)) {
        out += '[^\\x{0}-\\x{10FFFF}]';
        i += 1;
        inClass = false;
        continue;
      }
      out += ch;
      if (source[i + 1] === '^') {
        out += '^';
        i++;
      }
      continue;
    }
    if (ch === '(') {
      const rest = source.slice(i);
      if (/^\(\?(?:=|!)/.test(rest)) refuse('look-ahead');
      if (/^\(\?<(?:=|!)/.test(rest)) refuse('look-behind');
      const named = /^\(\?<([^>]+)>/.exec(rest);
      if (named) {
        count++;
        names.set(named[1] as string, count);
        out += '(';
        i += named[0].length - 1;
        continue;
      }
      if (!rest.startsWith('(?')) count++;
    }
    out += ch;
  }
  return { pattern: out, count, names };
}
