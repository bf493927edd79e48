import { expect, test } from 'vitest';
import { Int64, Utf8 } from '../../ts/index.ts';
import { joinSide } from '../../ts/optimize/rules/join-side.ts';
import { ruleText, scanOf } from '../support/plans.ts';

const big = scanOf('big', { k: Int64, a: Utf8 }, 1_000_000);
const small = scanOf('small', { k: Int64, b: Utf8 }, 1000);
const chosen = (frame: Parameters<typeof ruleText>[1]): string => ruleText(joinSide, frame).split('\n')[0] as string;

test('builds on the smaller side', () => {
  expect(chosen(big.join(small, { on: 'k' }))).toMatch('build right');
  expect(chosen(small.join(big, { on: 'k' }))).toMatch('build left');
  expect(chosen(big.filter((c) => c.a.eq('x')).join(big, { on: 'k' }))).toMatch('build left');
  expect(chosen(big.join(big, { on: 'k' }))).toMatch('build right');
});

test('left order needs the left side to stream', () => {
  expect(chosen(small.join(big, { on: 'k', maintainOrder: true }))).toMatch('build right');
});
