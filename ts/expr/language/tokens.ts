// The words of the expression language of job files, each with where it stands.
import { ParseError } from '../../errors.ts';

/** A word of an expression. */
export interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'column' | 'regex' | 'sign' | 'end';
  /** As written; a string's contents without quotes and escapes. */
  readonly text: string;
  /** Offset of its first character, from 0. */
  readonly at: number;
  /** Flags of a regular expression. */
  readonly flags?: string;
}

/** Longest expression that is read: what a person writes is far below. */
const MAX_LENGTH = 10_000;
const SIGNS = [
  '**',
  '//',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '+',
  '-',
  '*',
  '/',
  '%',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
];
const SINGLE = new Set([...SIGNS, '.', ':']);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0' };
/** What people write from habit, and what stands for it here. */
const HABITS: Readonly<Record<string, string>> = {
  '&&': 'and',
  '||': 'or',
  '!': 'not',
  '&': 'and',
  '|': 'or',
  '=': '==',
};

/** An error at a place of an expression; `at` counts characters from 0, the message from 1. */
export function expressionError(text: string, at: number, message: string): ParseError {
  const place = `at character ${at + 1} of ${JSON.stringify(text)}`;
  const sentence = message.replace(/[.\s]+$/, '');
  return new ParseError(`${sentence}, ${place}.`, {
    text,
    column: String(at + 1),
  });
}

/**
 * Splits an expression into tokens, the last one `end`.
 *
 * @throws {ERR_PARSE} a character that begins no token, a string that does not end
 */
export function tokensOf(text: string): Token[] {
  if (text.length > MAX_LENGTH) {
    throw new ParseError(`An expression may have ${MAX_LENGTH} characters at most. Got ${text.length}.`, {});
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    const token = tokenAt(text, at, rest, tokens.at(-1));
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at });
  return tokens;
}

type Placed = Token & { readonly end: number };

function tokenAt(text: string, at: number, rest: string, before: Token | undefined): Placed {
  const number = /^(?:\d[\d_]*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(rest) ?? /^\.\d+(?:[eE][+-]?\d+)?/.exec(rest);
  // `.5` is a number only where no method call can stand.
  if (number && (rest[0] !== '.' || !endsOperand(before))) {
    const after = text[at + number[0].length];
    if (after !== undefined && /[A-Za-z_$]/.test(after)) {
      throw expressionError(text, at + number[0].length, `Expected an operator after ${number[0]}`);
    }
    return { kind: 'number', text: number[0].replaceAll('_', ''), at, end: at + number[0].length };
  }
  const name = /^[\p{L}_$][\p{L}\p{N}_$]*/u.exec(rest);
  if (name) return { kind: 'name', text: name[0], at, end: at + name[0].length };
  const first = rest[0] as string;
  if (first === "'" || first === '"') return quoted(text, at, first, 'string');
  if (first === '`') return quoted(text, at, first, 'column');
  if (first === '/' && !endsOperand(before)) return regex(text, at);
  const sign = SIGNS.find((s) => rest.startsWith(s)) ?? (SINGLE.has(first) ? first : undefined);
  if (sign !== undefined) return { kind: 'sign', text: sign, at, end: at + sign.length };
  const habit = Object.keys(HABITS).find((h) => rest.startsWith(h));
  if (habit !== undefined) throw expressionError(text, at, `Write "${HABITS[habit]}" instead of "${habit}"`);
  throw expressionError(
    text,
    at,
    `The character "${String.fromCodePoint(rest.codePointAt(0) as number)}" begins nothing`,
  );
}

/** Whether a token ends a value: then `/` divides and `.` calls. */
function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === 'sign') return token.text === ')' || token.text === ']' || token.text === '}';
  return !(token.kind === 'name' && ['and', 'or', 'not'].includes(token.text));
}

function quoted(text: string, at: number, quote: string, kind: 'string' | 'column'): Placed {
  let value = '';
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i] as string;
    if (c === quote) return { kind, text: value, at, end: i + 1 };
    if (c !== '\\') {
      value += c;
      continue;
    }
    const unicode = /^u([0-9a-fA-F]{4})/.exec(text.slice(i + 1, i + 6));
    if (unicode) {
      value += String.fromCharCode(Number.parseInt(unicode[1] as string, 16));
      i += 5;
      continue;
    }
    i++;
    value += ESCAPES[text[i] as string] ?? text[i] ?? '';
  }
  throw expressionError(text, at, `The ${kind === 'string' ? 'string' : 'column name'} that begins here has no end`);
}

function regex(text: string, at: number): Placed {
  let inClass = false;
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\') i++;
    else if (c === '[') inClass = true;
    else if (c === ']') inClass = false;
    else if (c === '/' && !inClass) {
      const flags = /^[a-z]*/.exec(text.slice(i + 1)) as RegExpExecArray;
      return { kind: 'regex', text: text.slice(at + 1, i), flags: flags[0], at, end: i + 1 + flags[0].length };
    }
  }
  throw expressionError(text, at, 'The regular expression that begins here has no end');
}
