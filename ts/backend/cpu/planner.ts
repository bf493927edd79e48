// Optimised plan → pipelines. A blocking node ends a pipeline with a sink whose result feeds the next one.

import { UnsupportedError } from '../../errors.ts';
import { hasOver, mayFail } from '../../expr/inspect.ts';
import type { ExprNode, NamedExpr } from '../../expr/nodes.ts';
import { nodeLabel } from '../../plan/explain.ts';
import type {
  AggregateNode,
  DistinctNode,
  FilterNode,
  JoinNode,
  PlanNode,
  ScanNode,
  UnionNode,
  WriteNode,
} from '../../plan/nodes.ts';
import { sharedNodes } from '../../plan/walk.ts';
import type { Schema } from '../../schema/types.ts';
import type { PieceStore } from './columns/piece-store.ts';
import { restoreVectors, vectorsSource } from './columns/source.ts';
import type { ExecContext } from './context.ts';
import { createAggregateSink } from './operators/aggregate.ts';
import { createDistinctOperator, createDistinctSink, distinctKeys } from './operators/distinct.ts';
import { createEncodeGroups, encodesApart } from './operators/encode-groups.ts';
import { createFilter } from './operators/filter.ts';
import { createFormatText, formatsApart } from './operators/format-text.ts';
import { createCrossJoin, createJoinBuild, createJoinProbe } from './operators/join.ts';
import { createProject } from './operators/project.ts';
import { scanInput } from './operators/scan.ts';
import {
  canDrop,
  hintsBelow,
  type KeyHint,
  keyFilters,
  passed,
  predicateFilters,
  probeHints,
} from './operators/scan-filters.ts';
import { createSlice, createTailSlice } from './operators/slice.ts';
import { createSortSink } from './operators/sort.ts';
import { createTopOfGroups } from './operators/top-of-groups.ts';
import { checkHeights, createCollect, createZip, zipStores } from './operators/union.ts';
import { createWindowSink } from './operators/window.ts';
import { createStreamingWindow } from './operators/window-stream.ts';
import type { Operator, Shared, Sink, Source } from './pipeline.ts';
import type { RowFilter } from './scan/scanner.ts';
import {
  createSpillingAggregate,
  createSpillingChosen,
  createSpillingJoin,
  createSpillingSort,
  partitioned,
  SpillingCollect,
  SpillingFirstRows,
} from './spill/operators.ts';
import { BY_ROW, FIRST_ROW, numberRows, ROW, withLeftRows } from './spill/row-order.ts';
import { StepReport } from './step-report.ts';
import type { Vector } from './vector.ts';
import { extractWindows, partitionColumns, schemaAfter } from './windows.ts';

/** A resident table as the engine is given it. */
export interface ResidentTable {
  readonly rows: number;
  readonly columns: readonly Vector[];
}

export interface Step {
  readonly operator: Operator;
  readonly report: StepReport;
}
/** One source and the steps that only its batches pass. */
export interface Input {
  readonly open: (ctx: ExecContext) => Source;
  /** The same source on a helper, from what its pieces share. */
  readonly restore: (ctx: ExecContext, shared: Shared) => Source;
  readonly report: StepReport;
  readonly steps: readonly Step[];
}
export interface Pipeline {
  readonly inputs: readonly Input[];
  /** Steps that the batches of all inputs pass. */
  readonly steps: readonly Step[];
  readonly sink: Sink;
  readonly report: StepReport;
  /** Set by the executor when the sink has finished. */
  result: Source | null;
}
/** Pipelines in order; the last one's sink holds the result. */
export interface PhysicalPlan {
  readonly pipelines: readonly Pipeline[];
  readonly reports: readonly StepReport[];
  /** Steps that may hold their share of memory at one time before they spill. */
  readonly spillingSteps: number;
}

/**
 * Whether running a node twice costs more than keeping its rows: anything but a pass over a source. Where several nodes
 * read a filter over a file, the optimizer has found that it leaves few rows.
 */
function isCostly(node: PlanNode): boolean {
  switch (node.node) {
    case 'scan':
    case 'table':
      return false;
    case 'filter':
      return readsFile(node) || isCostly(node.input);
    case 'project':
    case 'slice':
      return isCostly(node.input);
    default:
      return true;
  }
}

const readsFile = (node: PlanNode): boolean =>
  node.node === 'scan' || ((node.node === 'filter' || node.node === 'project') && readsFile(node.input));

/** The rows of a node that only picks columns of a resident table: they stand there already. */
function residentRows(node: PlanNode, tables: ReadonlyMap<number, ResidentTable>): ResidentTable | null {
  if (node.node === 'table') return tables.get(node.tableId) ?? null;
  if (node.node !== 'project') return null;
  const input = residentRows(node.input, tables);
  if (input === null) return null;
  const columns: Vector[] = [];
  for (const { expr } of node.exprs) {
    if (expr.node !== 'col') return null;
    columns.push(input.columns[node.input.schema.findIndex((f) => f.name === expr.name)]!);
  }
  return { rows: input.rows, columns };
}

/** An input over columns that are there. */
const vectorsInput = (open: Input['open'], report: StepReport): Input => ({
  open,
  restore: (_, shared) => restoreVectors(shared),
  report,
  steps: [],
});

interface Chain {
  readonly inputs: Input[];
  readonly steps: Step[];
}

/** Plans `root` so that its rows arrive at `sink`; `spills`: with blocking steps that may write to disk. */
export function planPipelines(
  root: PlanNode,
  sink: Sink,
  tables: ReadonlyMap<number, ResidentTable>,
  openWrite: (node: WriteNode) => Sink,
  spills = false,
): PhysicalPlan {
  const pipelines: Pipeline[] = [];
  const reports: StepReport[] = [];
  const reportOf = (of: PlanNode | string): StepReport => {
    const report = new StepReport(of);
    reports.push(report);
    return report;
  };

  const end = ({ inputs, steps }: Chain, to: Sink, of: PlanNode | string): Pipeline => {
    const pipeline: Pipeline = { inputs, steps, sink: to, report: reportOf(of), result: null };
    pipelines.push(pipeline);
    return pipeline;
  };
  const after = (p: Pipeline): Chain => ({
    inputs: [
      {
        open: () => p.result!,
        restore: (ctx, shared) => p.sink.source?.(ctx, shared) ?? restoreVectors(shared),
        report: p.report,
        steps: [],
      },
    ],
    steps: [],
  });
  const through = (chain: Chain, operator: Operator, of: PlanNode | string): Chain => ({
    inputs: chain.inputs,
    steps: [...chain.steps, { operator, report: reportOf(of) }],
  });
  const blocking = (chain: Chain, to: Sink, of: PlanNode | string): Chain => after(end(chain, to, of));
  const collected = (node: PlanNode): { pipeline: Pipeline; store: PieceStore } => {
    const collect = createCollect(node.schema);
    return { pipeline: end(compileNode(node), collect, 'collect'), store: collect.store };
  };

  // Tables of joins are all there while rows pass them; of the other steps one hands out while the next one fills.
  let joins = 0;
  let others = 0;
  const numbered = (chain: Chain): Chain => through(chain, numberRows(), 'row numbers');
  /** Rows by the numbers that `numbered` gave them. */
  const inOrder = (chain: Chain, from: Schema, to: Schema, label: string): Chain => {
    others++;
    const sort = createSpillingSort({ keys: [BY_ROW], limit: null }, from);
    return picked(blocking(chain, sort, `${label} (order)`), from, to, 'drop row numbers');
  };
  const picked = (chain: Chain, from: Schema, to: Schema, label: string): Chain => {
    const keep = to.map((f) => ({ name: f.name, expr: { node: 'col', ...f } as const }));
    return through(chain, createProject(keep, from), label);
  };

  /** Rows that lie in memory and that the sink reads there: none flow. */
  const emptied = (node: PlanNode, rows: number): Chain => {
    const report = reportOf(node);
    const none = (): null => {
      report.rows = rows;
      return null;
    };
    return { inputs: [vectorsInput(() => ({ next: none, close() {} }), report)], steps: [] };
  };

  /** Results that several nodes read, each made once. */
  const kept = new Map<PlanNode, (ctx: ExecContext) => Source>();
  const shared = sharedNodes(root);
  /** `hints`: rows without those keys are dropped later on. */
  const compile = (node: PlanNode, hints: readonly KeyHint[] = []): Chain => {
    if (!shared.has(node) || !isCostly(node)) return compileNode(node, hints);
    const open = kept.get(node) ?? keep(node);
    kept.set(node, open);
    const report = reportOf(`shared ${nodeLabel(node)}`);
    return { inputs: [vectorsInput(open, report)], steps: [] };
  };
  const keep = (node: PlanNode): ((ctx: ExecContext) => Source) => {
    if (spills) {
      others++;
      const collect = new SpillingCollect(node.schema);
      end(compileNode(node), collect, 'collect');
      return (ctx) => collect.open(ctx);
    }
    const { store } = collected(node);
    return (ctx) => vectorsSource(store.finish(ctx), store.length);
  };

  /** Drops rows that a filter by their rank would drop, before they are ranked. */
  const bestFirst = (chain: Chain, { predicate, input }: FilterNode): Chain => {
    const { exprs, rounds } = extractWindows([predicate]);
    const operator = createTopOfGroups(exprs[0]!, rounds, input.schema);
    return operator ? through(chain, operator, 'first rows of groups') : chain;
  };

  /** Runs window rounds below expressions; returns the chain, its schema and the expressions over it. */
  const withWindows = (
    chain: Chain,
    schema: Schema,
    exprs: readonly ExprNode[],
  ): { chain: Chain; schema: Schema; exprs: readonly ExprNode[] } => {
    const extracted = extractWindows(exprs);
    let at = chain;
    let columns = schema;
    for (const round of extracted.rounds) {
      const streaming = createStreamingWindow(round);
      const label = `window ×${round.length}`;
      const next = schemaAfter(columns, round);
      const keys = spills && !streaming ? partitionColumns(round, columns) : null;
      if (keys) {
        others++;
        const input = [...columns, ROW];
        const create = (): Sink => createWindowSink(round, input);
        const sink = partitioned(input, { columns: keys }, create, 'The rows of one partition of a window');
        at = inOrder(blocking(numbered(at), sink, label), schemaAfter(input, round), next, label);
      } else at = streaming ? through(at, streaming, label) : blocking(at, createWindowSink(round, columns), label);
      columns = next;
    }
    return { chain: at, schema: columns, exprs: extracted.exprs };
  };

  const join = (node: JoinNode, hints: readonly KeyHint[]): Chain => {
    const label = nodeLabel(node);
    const [buildNode, probeNode] = node.build === 'left' ? [node.left, node.right] : [node.right, node.left];
    if (node.how === 'cross') {
      const { store } = collected(buildNode);
      return through(compile(probeNode), createCrossJoin(node, store), label);
    }
    if (spills) return spillingJoin(node, buildNode, probeNode, label);
    const standing = residentRows(buildNode, tables);
    const build = createJoinBuild(node, buildNode.schema, standing);
    end(standing ? emptied(buildNode, standing.rows) : compile(buildNode), build, `${label} (build)`);
    return through(compile(probeNode, probeHints(node, build, hints)), createJoinProbe(node, build), label);
  };

  /** A scan that drops rows while it reads them. */
  const scan = (node: ScanNode, filters: readonly RowFilter[]): Chain => {
    const report = reportOf(node);
    return { inputs: [{ ...scanInput(node, report, filters), report, steps: [] }], steps: [] };
  };
  const hinted = (node: ScanNode, hints: readonly KeyHint[]): RowFilter[] =>
    canDrop(node) ? keyFilters(hints, node.schema) : [];

  const spillingJoin = (node: JoinNode, buildNode: PlanNode, probeNode: PlanNode, label: string): Chain => {
    joins++;
    const wide = node.maintainOrder ? withLeftRows(node) : node;
    const { build, probe } = createSpillingJoin(wide);
    const chainOf = (n: PlanNode): Chain => (node.maintainOrder && n === node.left ? numbered(compile(n)) : compile(n));
    end(chainOf(buildNode), build, `${label} (build)`);
    const joined = through(chainOf(probeNode), probe, label);
    return node.maintainOrder ? inOrder(joined, wide.schema, node.schema, label) : joined;
  };

  const spillingAggregate = (node: AggregateNode): Chain => {
    others++;
    const input = node.input.schema;
    const label = nodeLabel(node);
    if (!node.maintainOrder) return blocking(compile(node.input), createSpillingAggregate(node, input), label);
    const wide = { ...node, aggs: [...node.aggs, { name: ROW.name, expr: FIRST_ROW }] };
    const sink = createSpillingAggregate(wide, [...input, ROW]);
    return inOrder(blocking(numbered(compile(node.input)), sink, label), [...node.schema, ROW], node.schema, label);
  };

  const distinct = (node: DistinctNode): Chain => {
    const input = node.input.schema;
    const label = nodeLabel(node);
    const streams = node.keep === 'any' || node.keep === 'first';
    const isNumbered = spills && node.maintainOrder;
    if (!spills && (!streams || node.maintainOrder)) {
      const streaming = createDistinctOperator(node, input);
      return streaming
        ? through(compile(node.input), streaming, label)
        : blocking(compile(node.input), createDistinctSink(node, input), label);
    }
    others++;
    const chain = isNumbered ? numbered(compile(node.input)) : compile(node.input);
    const schema = isNumbered ? [...input, ROW] : input;
    // Without a subset all columns are the key, but not the number.
    const keyed = node.subset.length > 0 ? node : { ...node, subset: input.map((f) => f.name) };
    const chosen = streams
      ? through(chain, new SpillingFirstRows(schema, distinctKeys(keyed, schema)), label)
      : blocking(chain, createSpillingChosen(keyed, schema), label);
    return isNumbered ? inOrder(chosen, schema, input, label) : chosen;
  };

  const union = (node: UnionNode): Chain => {
    if (node.how === 'horizontal') {
      const standing = node.inputs.map((input) => residentRows(input, tables));
      const flowing = standing.indexOf(null);
      if (flowing < 0) {
        // Resident tables side by side are one table: no row moves.
        const report = reportOf(node);
        const open = (): Source => {
          const rows = checkHeights(standing.map((t) => t!.rows));
          return vectorsSource(
            standing.flatMap((t) => t!.columns),
            rows,
          );
        };
        return { inputs: [vectorsInput(open, report)], steps: [] };
      }
      if (standing.lastIndexOf(null) === flowing) {
        return through(compile(node.inputs[flowing]!), createZip(standing), node);
      }
      const parts = node.inputs.map(collected);
      const report = reportOf(node);
      const open = (ctx: ExecContext): Source =>
        zipStores(
          ctx,
          parts.map((p) => p.store),
        );
      return { inputs: [vectorsInput(open, report)], steps: [] };
    }
    const inputs = node.inputs.flatMap((i) => {
      const chain = compile(i);
      // Steps shared by several inputs must see all of them before they end: only a materialised result is simple.
      const single = chain.inputs.length === 1 || chain.steps.length === 0;
      const flat = single ? chain : after(end(chain, createCollect(i.schema), 'collect'));
      return flat.inputs.map((input) => ({ ...input, steps: [...input.steps, ...flat.steps] }));
    });
    return { inputs, steps: [] };
  };

  const compileNode = (node: PlanNode, hints: readonly KeyHint[] = []): Chain => {
    switch (node.node) {
      case 'scan':
        return scan(node, hinted(node, hints));
      case 'table': {
        const report = reportOf(node);
        const table = tables.get(node.tableId);
        if (!table) throw new UnsupportedError(`Table ${node.tableId} is not on this backend.`);
        return { inputs: [vectorsInput(() => vectorsSource(table.columns, table.rows), report)], steps: [] };
      }
      case 'project': {
        const input = compile(node.input, hintsBelow(hints, node.exprs));
        const w = withWindows(
          input,
          node.input.schema,
          node.exprs.map((e) => e.expr),
        );
        const exprs: NamedExpr[] = node.exprs.map((e, i) => ({ name: e.name, expr: w.exprs[i]! }));
        return through(w.chain, createProject(exprs, w.schema), node);
      }
      case 'filter': {
        const below = hasOver(node.predicate) || mayFail(node.predicate) ? [] : hints;
        if (node.input.node === 'scan' && canDrop(node.input)) {
          const own = predicateFilters(node.predicate, node.input.schema);
          if (own) {
            const chain = scan(node.input, [...own, ...hinted(node.input, below)]);
            return through(chain, passed(), node);
          }
        }
        const input = bestFirst(compile(node.input, below), node);
        const w = withWindows(input, node.input.schema, [node.predicate]);
        const filtered = through(w.chain, createFilter(w.exprs[0]!, w.schema), node);
        if (w.schema === node.input.schema) return filtered;
        return picked(filtered, w.schema, node.schema, 'drop window columns');
      }
      case 'aggregate':
        if (spills && node.keys.length > 0) return spillingAggregate(node);
        return blocking(compile(node.input), createAggregateSink(node, node.input.schema), node);
      case 'distinct':
        return distinct(node);
      case 'sort': {
        const w = withWindows(
          compile(node.input),
          node.input.schema,
          node.keys.map((k) => k.expr),
        );
        const keys = node.keys.map((k, i) => ({ ...k, expr: w.exprs[i]! }));
        if (spills) others++;
        const create = spills ? createSpillingSort : createSortSink;
        const sorted = blocking(w.chain, create({ ...node, keys }, w.schema), node);
        if (w.schema === node.input.schema) return sorted;
        return picked(sorted, w.schema, node.schema, 'drop window columns');
      }
      case 'slice':
        return node.offset < 0
          ? blocking(compile(node.input), createTailSlice(node.offset, node.length, node.schema), node)
          : through(compile(node.input), createSlice(node.offset, node.length), node);
      case 'join':
        return join(node, hints);
      case 'union':
        return union(node);
      case 'write':
      case 'host':
        throw new UnsupportedError(`A ${node.node} node cannot stand inside a plan of the CPU engine.`);
    }
  };

  if (root.node === 'write') {
    const rows = compile(root.input);
    const apart = formatsApart(root) ? createFormatText(root) : encodesApart(root) ? createEncodeGroups(root) : null;
    const chain = apart ? through(rows, apart, `format ${root.format}`) : rows;
    end(chain, openWrite(root), root);
  } else end(compile(root), sink, 'result');
  return { pipelines, reports, spillingSteps: joins + Math.min(2, others) };
}
