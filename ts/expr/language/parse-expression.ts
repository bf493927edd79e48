// The expression language of job files: text in, the same unbound expression that TypeScript would have built out. Names
// are looked up in the tables behind Expr's methods; nothing is evaluated as code.
//
//   or      := and ('or' and)*              and     := not ('and' not)*          not := 'not' not | compare
//   compare := sum (('=='|'!='|'<'|'<='|'>'|'>=') sum)?
//   sum     := product (('+'|'-') product)* product := unary (('*'|'/'|'//'|'%') unary)*
//   unary   := '-' unary | power            power   := chain ('**' unary)?
//   chain   := primary ('.' ('str'|'dt'|'list'|'struct') '.' name '(' … ')' | '.' name '(' … ')')*
//   primary := number | string | true | false | null | column | `any name` | '(' or ')' | function '(' … ')'
// Arguments of calls may be lists [1, 2], options { name: value } and /regular expressions/.
import { DTypeError, ParameterError, type WarpError } from '../../errors.ts';
import type { DType } from '../../schema/dtypes.ts';
import { suggest } from '../../util/suggest.ts';
import { col, corr, cov, len, lit } from '../builders.ts';
import { Expression, operand, WhenBranch, WhenChain } from '../expression.ts';
import { DT_METHODS, LIST_METHODS, METHODS, type Method, STR_METHODS, STRUCT_METHODS } from '../methods.ts';
import { callOf } from '../unbound.ts';
import { DTYPE_NAMES, DTYPES } from './dtypes.ts';
import { expressionError, type Token, tokensOf } from './tokens.ts';

const FACES: Readonly<Record<string, Readonly<Record<string, Method>>>> = {
  str: STR_METHODS,
  dt: DT_METHODS,
  list: LIST_METHODS,
  struct: STRUCT_METHODS,
};
const FUNCTIONS = ['col', 'lit', 'len', 'when', 'coalesce', 'corr', 'cov', 'date'];
const COMPARE: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const SUM: Readonly<Record<string, string>> = { '+': 'add', '-': 'sub' };
const PRODUCT: Readonly<Record<string, string>> = { '*': 'mul', '/': 'div', '//': 'floorDiv', '%': 'mod' };
const FOLDS: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
};
/** Deepest nesting that is read, so that hostile text cannot exhaust the stack. */
const MAX_DEPTH = 100;

/**
 * Parses an expression of a job file: `delay > 15`, `date.dt.weekday()`, `when(n > 3).then('big').otherwise('small')`.
 *
 * The methods are those of Expr; `+ - * / // % ** == != < <= > >= and or not` stand for `add … not`; a name is a column,
 * one with other characters stands in backticks; `date('2024-01-31')` is an instant. Columns are looked up when a verb
 * binds the expression.
 *
 * @throws {ERR_PARSE} text that is no expression, with the character where it fails
 * @throws {ERR_PARAMETER} an argument that a method refuses
 */
export function parseExpression(text: string): Expression {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new ParameterError(`Expected the text of an expression but received ${JSON.stringify(text)}.`);
  }
  const parser = new Parser(text);
  const value = parser.whole();
  if (value instanceof Expression) return value;
  return new Expression(operand(value));
}

/** A dtype by its name: `Int64`, `Datetime('us')`, `Decimal(10, 2)`. */
export function parseDType(text: string): DType {
  return new Parser(text).wholeDType();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): unknown {
    const value = this.#or();
    this.#expectEnd();
    return value;
  }

  wholeDType(): DType {
    const type = this.#dtype();
    if (type !== null) {
      this.#expectEnd();
      return type;
    }
    const near = suggest(this.#peek().text, DTYPE_NAMES);
    throw new DTypeError(
      `Expected a dtype but received ${JSON.stringify(this.#text)}.${near === null ? '' : ` Did you mean "${near}"?`} Dtypes: ${DTYPE_NAMES.join(', ')}.`,
    );
  }

  #peek(ahead = 0): Token {
    return (this.#tokens[this.#next + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #isSign(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token.kind === 'sign' && token.text === text;
  }

  #isWord(text: string): boolean {
    const token = this.#peek();
    return token.kind === 'name' && token.text === text;
  }

  #accept(text: string): boolean {
    const found = this.#isSign(text);
    if (found) this.#next++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#fail(`Expected "${text}" but found ${shown(this.#peek())}`);
  }

  #expectEnd(): void {
    const token = this.#peek();
    if (token.kind === 'end') return;
    if (COMPARE[token.text] !== undefined) throw this.#fail('Comparisons do not chain: join two of them with "and"');
    throw this.#fail(`Expected an operator or the end but found ${shown(token)}`);
  }

  #fail(message: string, token: Token = this.#peek()): WarpError {
    return expressionError(this.#text, token.at, message);
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw this.#fail(`Nested deeper than ${MAX_DEPTH} levels`);
    const value = read();
    this.#depth--;
    return value;
  }

  #or(): unknown {
    return this.#nested(() => {
      let value = this.#and();
      while (this.#isWord('or')) {
        this.#take();
        value = this.#call('or', value, this.#and());
      }
      return value;
    });
  }

  #and(): unknown {
    let value = this.#not();
    while (this.#isWord('and')) {
      this.#take();
      value = this.#call('and', value, this.#not());
    }
    return value;
  }

  #not(): unknown {
    if (!this.#isWord('not')) return this.#compare();
    this.#take();
    return this.#nested(() => this.#call('not', this.#not()));
  }

  #compare(): unknown {
    const left = this.#sum();
    const sign = this.#peek();
    const fn = sign.kind === 'sign' ? COMPARE[sign.text] : undefined;
    if (fn === undefined) return left;
    this.#take();
    const right = this.#sum();
    if (left === null || right === null) {
      throw this.#fail('Nothing compares with null: use isNull() or isNotNull()', sign);
    }
    return this.#call(fn, left, right);
  }

  #sum(): unknown {
    return this.#leftToRight(SUM, () => this.#product());
  }

  #product(): unknown {
    return this.#leftToRight(PRODUCT, () => this.#unary());
  }

  #leftToRight(signs: Readonly<Record<string, string>>, read: () => unknown): unknown {
    let value = read();
    for (;;) {
      const token = this.#peek();
      const fn = token.kind === 'sign' ? signs[token.text] : undefined;
      if (fn === undefined) return value;
      this.#take();
      value = this.#call(fn, value, read());
    }
  }

  #unary(): unknown {
    if (!this.#accept('-')) return this.#power();
    return this.#nested(() => {
      const value = this.#unary();
      return typeof value === 'number' ? -value : this.#call('neg', value);
    });
  }

  #power(): unknown {
    const base = this.#chain();
    return this.#accept('**') ? this.#nested(() => this.#call('pow', base, this.#unary())) : base;
  }

  #call(fn: string, ...args: unknown[]): unknown {
    const [a, b] = args;
    // Arithmetic of literals is a literal, so that it takes its neighbour's dtype.
    const fold = FOLDS[fn];
    if (fold !== undefined && typeof a === 'number' && typeof b === 'number') return fold(a, b);
    return new Expression(callOf(fn, args.map(operand)));
  }

  #chain(): unknown {
    let value = this.#primary();
    while (this.#accept('.')) value = this.#member(value);
    return value;
  }

  #member(self: unknown): unknown {
    const name = this.#take();
    if (name.kind !== 'name') throw this.#fail('Expected the name of a method after "."', name);
    const face = FACES[name.text];
    if (face !== undefined && this.#isSign('.')) {
      this.#take();
      const method = this.#take();
      return this.#method(self, method, face, `${name.text}.`);
    }
    if (self instanceof WhenBranch || self instanceof WhenChain) {
      const branch = this.#branch(self, name);
      if (branch !== null) return branch;
    }
    return this.#method(self, name, METHODS, '');
  }

  /** `then`, `when` and `otherwise` of a choice. */
  #branch(self: WhenBranch | WhenChain, name: Token): unknown {
    if (self instanceof WhenBranch) {
      if (name.text !== 'then') throw this.#fail('Expected then(…) after when(…)', name);
      return self.then(this.#one(name));
    }
    if (name.text === 'when') return self.when(this.#one(name));
    if (name.text === 'otherwise') return self.otherwise(this.#one(name));
    return null;
  }

  #one(name: Token): unknown {
    const args = this.#arguments();
    if (args.length !== 1) throw this.#fail(`${name.text}() takes one argument but received ${args.length}`, name);
    return args[0];
  }

  #method(self: unknown, name: Token, methods: Readonly<Record<string, Method>>, face: string): Expression {
    const method = name.kind === 'name' && Object.hasOwn(methods, name.text) ? methods[name.text] : undefined;
    if (method === undefined) throw this.#unknownMethod(name, methods, face);
    if (!this.#isSign('(')) throw this.#fail(`Write ${face}${name.text}() with parentheses`, name);
    const args = this.#arguments(name.text === 'cast' ? 0 : -1);
    return this.#checked(name, () => new Expression(method(operand(self), args, operand)));
  }

  /** An argument that a method refuses, with where the method stands. */
  #checked<T>(name: Token, build: () => T): T {
    try {
      return build();
    } catch (error) {
      const { message } = error as Error;
      throw this.#fail(`${name.text}(): ${message.replace(/\.$/, '')}`, name);
    }
  }

  #unknownMethod(name: Token, methods: Readonly<Record<string, Method>>, face: string): WarpError {
    for (const [other, table] of Object.entries(FACES)) {
      if (face === '' && Object.hasOwn(table, name.text)) {
        return this.#fail(`"${name.text}" is a method of .${other}: write ${other}.${name.text}()`, name);
      }
    }
    const near = suggest(name.text, Object.keys(methods));
    return this.#fail(
      `"${face}${name.text}" is not a method.${near === null ? '' : ` Did you mean "${face}${near}"?`}`,
      name,
    );
  }

  /** The arguments of a call; `dtypeAt` is the position where a dtype may stand. */
  #arguments(dtypeAt = -1): unknown[] {
    this.#expect('(');
    return this.#nested(() =>
      this.#list(')', (position) => (position === dtypeAt ? (this.#dtype() ?? this.#argument()) : this.#argument())),
    );
  }

  #list(end: string, read: (position: number) => unknown): unknown[] {
    const values: unknown[] = [];
    while (!this.#accept(end)) {
      values.push(read(values.length));
      if (!this.#isSign(end)) this.#expect(',');
    }
    return values;
  }

  #argument(): unknown {
    const token = this.#peek();
    if (token.kind === 'regex') {
      this.#take();
      return this.#checked({ ...token, text: 'regular expression' }, () => new RegExp(token.text, token.flags));
    }
    if (this.#accept('[')) return this.#nested(() => this.#list(']', () => this.#argument()));
    if (this.#accept('{')) return this.#nested(() => this.#options());
    return this.#or();
  }

  #options(): Record<string, unknown> {
    const entries = this.#list('}', () => {
      const key = this.#take();
      if (key.kind !== 'name' && key.kind !== 'string') throw this.#fail('Expected the name of an option', key);
      this.#expect(':');
      return [key.text, this.#argument()];
    });
    return Object.fromEntries(entries as [string, unknown][]);
  }

  #dtype(): DType | null {
    const token = this.#peek();
    if ((token.kind !== 'name' && token.kind !== 'string') || !Object.hasOwn(DTYPES, token.text)) {
      return null;
    }
    this.#take();
    const type = DTYPES[token.text];
    if (!this.#isSign('(')) {
      if (token.text === 'Decimal') throw this.#fail('Write Decimal(precision, scale)', token);
      return type as DType;
    }
    const args = this.#arguments();
    if (typeof type !== 'function') throw this.#fail(`${token.text} takes no arguments`, token);
    return this.#checked(token, () => (type as (...args: unknown[]) => DType)(...args));
  }

  #primary(): unknown {
    const token = this.#take();
    if (token.kind === 'number') return Number(token.text);
    if (token.kind === 'string') return token.text;
    if (token.kind === 'column') return col(token.text);
    if (token.kind === 'sign' && token.text === '(') {
      const value = this.#or();
      this.#expect(')');
      return value;
    }
    if (token.kind !== 'name') throw this.#fail(`Expected a value or a column but found ${shown(token)}`, token);
    if (token.text === 'true') return true;
    if (token.text === 'false') return false;
    if (token.text === 'null') return null;
    if (!this.#isSign('(')) return col(token.text);
    return this.#function(token);
  }

  #function(name: Token): unknown {
    if (!FUNCTIONS.includes(name.text)) {
      const near = suggest(name.text, FUNCTIONS);
      throw this.#fail(
        `"${name.text}" is not a function.${near === null ? '' : ` Did you mean "${near}"?`} Functions: ${FUNCTIONS.join(', ')}`,
        name,
      );
    }
    if (name.text === 'when') return new WhenBranch([], operand(this.#one(name)));
    const args = this.#arguments(name.text === 'lit' ? 1 : -1);
    return this.#checked(name, () => {
      if (name.text === 'col') return col(args[0] as string);
      if (name.text === 'len') return len();
      if (name.text === 'date') return instant(args[0]);
      if (name.text === 'lit') return litOf(args[0], args[1]);
      if (name.text === 'coalesce')
        return new Expression(args.length === 1 ? operand(args[0]) : callOf('coalesce', args.map(operand)));
      return (name.text === 'corr' ? corr : cov)(args[0] as never, args[1] as never);
    });
  }
}

const litOf = lit as (value: unknown, dtype: unknown) => unknown;

/** An instant as text, UTC unless it says otherwise. */
function instant(text: unknown): Date {
  const date = typeof text === 'string' && /^\d{4}-\d\d-\d\d/.test(text) ? new Date(withZone(text)) : null;
  if (date === null || Number.isNaN(date.getTime())) {
    throw new ParameterError(
      `Expected a date such as '2024-01-31' or '2024-01-31T08:00:00' but received ${JSON.stringify(text)}.`,
    );
  }
  return date;
}

const withZone = (text: string): string =>
  /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`;

function shown(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.kind === 'string' ? JSON.stringify(token.text) : `"${token.text}"`;
}
