// Long expressions: work that grows with their size, not with a power of their depth.
import { expect, test } from 'vitest';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { exprText } from '../../ts/expr/text.ts';
import { col, fromColumns } from '../../ts/index.ts';

test('printing reads every node once', () => {
  let reads = 0;
  const type = { dtype: 'Float64' } as const;
  const leaf = {
    node: 'col',
    type,
    nullable: false,
    get name() {
      reads += 1;
      return 'a';
    },
  } as unknown as ExprNode;
  let e = leaf;
  for (let i = 0; i < 8; i++) {
    e = { node: 'call', fn: 'add', args: [e, leaf], options: {}, type, nullable: false } as unknown as ExprNode;
  }
  reads = 0;
  expect(exprText(leaf)).toBe('c.a');
  const perLeaf = reads;
  reads = 0;
  expect(exprText(e)).toBe(`c.a${'.add(c.a)'.repeat(8)}`);
  expect(reads).toBe(9 * perLeaf);
});

test('an expression of 300 operations', async () => {
  let x = col('a');
  for (let i = 0; i < 300; i++) x = x.add(1);
  using table = await fromColumns({ a: [1, 2] })
    .select({ x })
    .collect();
  expect(table.toRecords()).toEqual([{ x: 301 }, { x: 302 }]);
});
