// Prints expressions as a user would write them: for explain and for errors. Casts that binding inserted are shown.
import { DecimalValue } from '../schema/decimal.ts';
import { type LogicalType, typeText } from '../schema/types.ts';
import { nanosecondsOf } from './durations.ts';
import { checkedOr, findFunction } from './functions.ts';
import { valueText } from './literals.ts';
import type { ExprNode, LiteralValue, Options } from './nodes.ts';
import { objectText, stepText } from './row-rules.ts';
import type { Unbound } from './unbound.ts';

/** A bound expression as a user would write it: `c.price.mul(c.qty).gt(10)`. Not unique: no key for look-ups. */
export const exprText = (e: ExprNode): string => print(e);

/** The same for an expression that is not bound yet. */
export const unboundText = (e: Unbound): string => print(e);

type Node = ExprNode | Unbound;

function print(e: Node): string {
  switch (e.node) {
    case 'col':
      return /^[A-Za-z_$][\w$]*$/.test(e.name) ? `c.${e.name}` : `c[${quoted(e.name)}]`;
    case 'lit':
      return `lit(${literalText(e)})`;
    case 'cast':
      return `${print(e.expr)}.cast(${typeText(e.type)}${e.strict ? '' : ', { strict: false }'})`;
    case 'alias':
      return `${print(e.expr)}.alias(${quoted(e.name)})`;
    case 'when': {
      const branches = e.branches.map((b) => `when(${operand(b.when)}).then(${operand(b.then)})`).join('.');
      const last = e.otherwise === null || (e.otherwise.node === 'lit' && e.otherwise.value === null);
      return last ? branches : `${branches}.otherwise(${operand(e.otherwise as Node)})`;
    }
    case 'over': {
      const keys = e.partitionBy.map(operand);
      const order = e.orderBy.map((k) => operand(k.expr));
      const options = [
        ...(order.length === 0 ? [] : [`orderBy: ${order.length === 1 ? order[0] : `[${order.join(', ')}]`}`]),
        ...(e.orderBy.some((k) => k.descending) ? ['descending: true'] : []),
        ...(e.orderBy.some((k) => k.nullsFirst) ? ['nullsFirst: true'] : []),
      ];
      const by = keys.length === 1 ? keys[0] : `[${keys.join(', ')}]`;
      return `${print(e.expr)}.over(${by}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`;
    }
    case 'call':
      return callText(e.fn, e.args, e.options);
  }
}

function callText(fn: string, nodes: readonly Node[], given: Options): string {
  const row = findFunction(fn);
  const operands = nodes.map(operand);
  const options = checkedOr(fn, given);
  const printed = row?.print?.(options, operands) ?? { args: shownOptions(fn, options) };
  const shown = operands.slice(0, printed.operands ?? operands.length);
  const name = printed.method ?? fn;
  if (row?.face === 'free') return `${name}(${[...shown, ...printed.args].join(', ')})`;
  // The first operand's text is taken, not printed again: twice at every level doubles with the depth.
  const [first] = nodes;
  const self = first === undefined ? '' : `${first.node === 'lit' ? print(first) : operands[0]}.`;
  const face = row?.face === undefined ? '' : `${row.face}.`;
  return `${self}${face}${name}(${[...shown.slice(1), ...printed.args].join(', ')})`;
}

/** One object with the options that differ from their defaults. */
function shownOptions(fn: string, options: Options): string[] {
  const rules = findFunction(fn)?.options ?? {};
  const shown = Object.entries(options).filter(([name, value]) => {
    const fallback = rules[name]?.(undefined);
    return fallback === undefined || 'expected' in fallback || fallback.value !== value;
  });
  return shown.length === 0 ? [] : [objectText(Object.fromEntries(shown))];
}

/** An argument: literals without lit(). */
const operand = (e: Node): string => (e.node === 'lit' ? operandLiteral(e) : print(e));

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function operandLiteral(e: Extract<Node, { node: 'lit' }>): string {
  if (Array.isArray(e.value)) {
    const values = e.value.slice(0, 5).map((value) => valueLiteral(value, e.type));
    return `[${values.join(', ')}${e.value.length > 5 ? `, … ${e.value.length - 5} more` : ''}]`;
  }
  return valueLiteral(e.value, e.type);
}

/** The arguments of `lit()`: a dtype where the value does not say it. */
function literalText(e: Extract<Node, { node: 'lit' }>): string {
  const value = operandLiteral(e);
  const natural = ['Float64', 'Utf8', 'Bool', 'Null', undefined] as (string | undefined)[];
  return natural.includes(e.type?.dtype) && e.value !== null ? value : `${value}, ${typeText(e.type as LogicalType)}`;
}

// An unbound literal holds what the user gave, a bound one the engine's value: only numbers and bigints look alike.
function valueLiteral(value: unknown, type: LogicalType | null): string {
  if (typeof value === 'string') return quoted(value);
  if (type === null || value === null) return valueText(value);
  switch (type.dtype) {
    case 'Decimal':
      return typeof value === 'bigint' ? new DecimalValue(value, type.scale).toString() : valueText(value);
    case 'Date32':
      return typeof value === 'number' ? dateText(value * 86_400_000) : valueText(value);
    case 'Datetime':
      return typeof value === 'bigint'
        ? dateText(Number((value * nanosecondsOf(type.unit)) / 1_000_000n))
        : valueText(value);
    case 'Time':
      return typeof value === 'bigint' ? timeText(value) : valueText(value);
    case 'Duration':
      return typeof value === 'bigint' ? durationText(value * nanosecondsOf(type.unit)) : valueText(value);
    case 'Binary':
      return `Uint8Array.of(${[...(value as Uint8Array)].slice(0, 8).join(', ')})`;
    default:
      return valueText(value as LiteralValue);
  }
}

const durationText = (nanoseconds: bigint): string =>
  stepText({ months: 0, days: 0, nanoseconds: String(nanoseconds) });

function dateText(milliseconds: number): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return `new Date(${milliseconds})`;
  return `new Date('${date.toISOString().replace('T00:00:00.000Z', '')}')`;
}

function timeText(nanoseconds: bigint): string {
  const seconds = Number(nanoseconds / 1_000_000_000n);
  const part = (n: number) => String(n).padStart(2, '0');
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const text = `${part(Math.floor(seconds / 3600))}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}`;
  return `'${text}${fraction === '' ? '' : `.${fraction}`}'`;
}
