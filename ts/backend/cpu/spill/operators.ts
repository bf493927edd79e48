// Operators over more rows than memory holds, which the planner takes where there is too little: loaded then.
export { SpillingCollect } from './spilling-collect.ts';
export { createSpillingChosen, partitioned, SpillingFirstRows } from './spilling-distinct.ts';
export { createSpillingAggregate } from './spilling-groups.ts';
export { createSpillingJoin } from './spilling-join.ts';
export { createSpillingSort } from './spilling-sort.ts';
