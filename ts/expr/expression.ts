// The one run-time class behind every typed face of expr.ts. It holds an unbound node; its methods come from methods.ts.
import { ParameterError } from '../errors.ts';
import { valueText } from './literals.ts';
import { DT_METHODS, LIST_METHODS, METHODS, type Method, STR_METHODS, STRUCT_METHODS } from './methods.ts';
import { unboundText } from './text.ts';
import { freeLit, type Unbound } from './unbound.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** An expression that no verb has bound to a schema yet. Immutable. */
export class Expression {
  readonly #node: Unbound;
  constructor(node: Unbound) {
    this.#node = node;
  }
  /** The node of an expression, or null for any other value. */
  static nodeOf(value: unknown): Unbound | null {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : null;
  }
  toString(): string {
    return unboundText(this.#node);
  }
  [INSPECT](): string {
    return this.toString();
  }
}

/** The functions behind `.str`, `.dt`, `.list` and `.struct`. */
class Face {
  readonly #node: Unbound;
  constructor(node: Unbound) {
    this.#node = node;
  }
  static nodeOf(face: Face): Unbound {
    return face.#node;
  }
}

function install(prototype: object, methods: Readonly<Record<string, Method>>, nodeOf: (self: never) => Unbound): void {
  for (const [name, method] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(...args: unknown[]) {
        return new Expression(method(nodeOf(this as never), args, operand));
      },
    });
  }
}

const selfOf = (self: Expression): Unbound => Expression.nodeOf(self) as Unbound;

install(Expression.prototype, METHODS, selfOf);
for (const [name, methods] of Object.entries({
  str: STR_METHODS,
  dt: DT_METHODS,
  list: LIST_METHODS,
  struct: STRUCT_METHODS,
})) {
  class Functions extends Face {}
  install(Functions.prototype, methods, Face.nodeOf);
  Object.defineProperty(Expression.prototype, name, {
    get(this: Expression) {
      return new Functions(selfOf(this));
    },
  });
}

/** A chain of branches: an expression whose other rows are null. */
export class WhenChain extends Expression {
  readonly #branches: readonly { readonly when: Unbound; readonly then: Unbound }[];
  constructor(branches: readonly { readonly when: Unbound; readonly then: Unbound }[]) {
    super(Object.freeze({ node: 'when', branches: Object.freeze(branches), otherwise: null }));
    this.#branches = branches;
  }
  when(condition: unknown): WhenBranch {
    return new WhenBranch(this.#branches, operand(condition));
  }
  otherwise(value: unknown): Expression {
    return new Expression(Object.freeze({ node: 'when', branches: this.#branches, otherwise: operand(value) }));
  }
}

/** `when(…)` that waits for its `then`. */
export class WhenBranch {
  readonly #branches: readonly { readonly when: Unbound; readonly then: Unbound }[];
  readonly #condition: Unbound;
  constructor(branches: readonly { readonly when: Unbound; readonly then: Unbound }[], condition: Unbound) {
    this.#branches = branches;
    this.#condition = condition;
  }
  then(value: unknown): WhenChain {
    return new WhenChain([...this.#branches, Object.freeze({ when: this.#condition, then: operand(value) })]);
  }
}

/** An operand: an expression, or a literal that takes its neighbour's dtype. */
export function operand(value: unknown): Unbound {
  const node = Expression.nodeOf(value);
  if (node !== null) return node;
  if (value instanceof WhenBranch) {
    throw new ParameterError('A when() needs its then() before it is an expression.');
  }
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw new ParameterError(`Expected an expression or a value but received ${valueText(value)}.`);
  }
  return freeLit(value);
}
