// The 22 TPC-H questions. Parameters are chosen so that every query has rows at scale 0.01.
import { q1, q2, q3, q4, q5, q6 } from './q01-q06.ts';
import { q7, q8, q9, q10, q11, q12 } from './q07-q12.ts';
import { q13, q14, q15, q16, q17 } from './q13-q17.ts';
import { q18, q19, q20, q21, q22 } from './q18-q22.ts';
import type { Query } from './query.ts';

export const QUERIES: readonly Query[] = [
  q1,
  q2,
  q3,
  q4,
  q5,
  q6,
  q7,
  q8,
  q9,
  q10,
  q11,
  q12,
  q13,
  q14,
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
  q21,
  q22,
];
