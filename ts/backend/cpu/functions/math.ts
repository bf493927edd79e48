// Real functions of floats. Those without an instruction are scalar functions of the `math` kernel module, called from
// the fused module once a lane; Float32 is computed in doubles.
import { carrierOf, type MathCall, type Node } from '../emit/ir.ts';
import { convert, convertNode, type EmitRow, type Lowering, type Value, value } from '../emit/lower.ts';
import { F32X4, F64X2, V } from '../emit/opcodes.ts';
import type { CpuFunction } from './contracts.ts';

const CODES = { f32: F32X4, f64: F64X2 } as const;

/** A call into the `math` module, in doubles. */
export function callMath({ b }: Pick<Lowering, 'b'>, name: string, args: readonly Value[]): Node {
  const fn: MathCall = { name, params: args.map(() => 'f64' as const), result: 'f64' };
  const wide = args.map((a) => convert(b, a, 'f64'));
  return b.lanes(
    'f64',
    name,
    (at) => {
      for (let i = 0; i < args.length; i++) at.arg(i);
      at.call(fn);
    },
    ...wide,
  );
}

const scalar = (name: string): EmitRow => ({
  lower(at, args, call) {
    const { b } = at;
    const node = convertNode(b, callMath(at, name, args), 'f64', args[0]!.physical);
    return value(
      b,
      call.type,
      node,
      args.reduce<Node | null>((v, a) => b.both(v, a.valid), null),
    );
  },
});

const sqrt: EmitRow = {
  lower({ b }, [x], call) {
    const kind = x!.physical as 'f32' | 'f64';
    return value(b, call.type, b.simd(kind, CODES[kind].sqrt, x!.node), x!.valid);
  },
};

const div: EmitRow = {
  lower({ b }, args, call) {
    const [x, y] = args as [Value, Value];
    const node = b.simd('f64', F64X2.div, convert(b, x, 'f64'), convert(b, y, 'f64'));
    return value(b, call.type, node, b.both(x.valid, y.valid));
  },
};

/** Bases 2 and 10 have functions of their own, exact at powers; others divide by the base's logarithm. */
const log: EmitRow = {
  lower(at, args, call) {
    const { b } = at;
    const base = call.options['base'] as number | null;
    const x = args[0]!;
    let node: Node;
    if (base === 2 || base === 10) node = callMath(at, `log${base}`, args);
    else {
      node = callMath(at, 'log', args);
      if (base !== null) node = b.simd('f64', F64X2.div, node, b.constant('f64', Math.log(base)));
    }
    return value(b, call.type, convertNode(b, node, 'f64', x.physical), x.valid);
  },
};

const classify = (name: 'isNan' | 'isFinite'): EmitRow => ({
  lower({ b }, [x], call) {
    const kind = carrierOf(x!.physical);
    if (kind !== 'f32' && kind !== 'f64') return value(b, call.type, b.constantMask(name === 'isFinite'), x!.valid);
    const c = CODES[kind];
    const lanes = kind === 'f32' ? 'i32' : 'i64';
    const node = x!.node;
    const found =
      name === 'isNan'
        ? b.simd(lanes, c.ne, node, node)
        : b.simd(
            lanes,
            c.lt,
            b.simd(kind, V.andNot, node, b.constant(kind, -0)),
            b.constant(kind, Number.POSITIVE_INFINITY),
          );
    return value(b, call.type, b.toMask(found), x!.valid);
  },
});

export const mathFunctions: Readonly<Record<string, CpuFunction>> = {
  div: { emit: div },
  pow: { emit: scalar('pow') },
  sqrt: { emit: sqrt },
  exp: { emit: scalar('exp') },
  log: { emit: log },
  log1p: { emit: scalar('log1p') },
  sin: { emit: scalar('sin') },
  cos: { emit: scalar('cos') },
  tan: { emit: scalar('tan') },
  asin: { emit: scalar('asin') },
  acos: { emit: scalar('acos') },
  atan: { emit: scalar('atan') },
  isNan: { emit: classify('isNan') },
  isFinite: { emit: classify('isFinite') },
};
