// Optimised plan → pipelines. A blocking node ends a pipeline with a sink whose result feeds the next one.
import { UnsupportedError } from '../../errors.ts';
import type { ExprNode, NamedExpr } from '../../expr/nodes.ts';
import { nodeLabel } from '../../plan/explain.ts';
import type { JoinNode, PlanNode, UnionNode, WriteNode } from '../../plan/nodes.ts';
import { sharedNodes } from '../../plan/walk.ts';
import type { Schema } from '../../schema/types.ts';
import type { PieceStore } from './columns/piece-store.ts';
import { restoreVectors, vectorsSource } from './columns/source.ts';
import type { ExecContext } from './context.ts';
import { createAggregateSink } from './operators/aggregate.ts';
import { createDistinctOperator, createDistinctSink } from './operators/distinct.ts';
import { createFilter } from './operators/filter.ts';
import { createCrossJoin, createJoinBuild, createJoinProbe } from './operators/join.ts';
import { createProject } from './operators/project.ts';
import { type ScanReport, scanInput } from './operators/scan.ts';
import { createSlice, createTailSlice } from './operators/slice.ts';
import { createSortSink } from './operators/sort.ts';
import { checkHeights, createCollect, createZip, zipStores } from './operators/union.ts';
import { createWindowSink } from './operators/window.ts';
import { createStreamingWindow } from './operators/window-stream.ts';
import type { Operator, Shared, Sink, Source } from './pipeline.ts';
import type { Vector } from './vector.ts';
import { extractWindows, schemaAfter } from './windows.ts';

/** A resident table as the engine is given it. */
export interface ResidentTable {
  readonly rows: number;
  readonly columns: readonly Vector[];
}

/** What a step did, for explain. */
export interface StepReport extends ScanReport {
  readonly label: string;
  rows: number;
  ms: number;
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
}

/** Whether running a node twice costs more than keeping its rows: anything but a pass over a source. */
function isCostly(node: PlanNode): boolean {
  switch (node.node) {
    case 'scan':
    case 'table':
      return false;
    case 'project':
    case 'filter':
    case 'slice':
      return isCostly(node.input);
    default:
      return true;
  }
}

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

/** Plans `root` so that its rows arrive at `sink`. */
export function planPipelines(
  root: PlanNode,
  sink: Sink,
  tables: ReadonlyMap<number, ResidentTable>,
  openWrite: (node: WriteNode) => Sink,
): PhysicalPlan {
  const pipelines: Pipeline[] = [];
  const reports: StepReport[] = [];
  const reportOf = (label: string): StepReport => {
    const report = { label, rows: 0, ms: 0, note: '' };
    reports.push(report);
    return report;
  };

  const end = (chain: Chain, to: Sink, label: string): Pipeline => {
    const pipeline: Pipeline = { ...chain, sink: to, report: reportOf(label), result: null };
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
  const through = (chain: Chain, operator: Operator, label: string): Chain => ({
    inputs: chain.inputs,
    steps: [...chain.steps, { operator, report: reportOf(label) }],
  });
  const blocking = (chain: Chain, to: Sink, label: string): Chain => after(end(chain, to, label));
  const collected = (node: PlanNode): { pipeline: Pipeline; store: PieceStore } => {
    const collect = createCollect(node.schema);
    return { pipeline: end(compileNode(node), collect, 'collect'), store: collect.store };
  };

  /** Results that several nodes read, each made once. */
  const kept = new Map<PlanNode, PieceStore>();
  const shared = sharedNodes(root);
  const compile = (node: PlanNode): Chain => {
    if (!shared.has(node) || !isCostly(node)) return compileNode(node);
    const store = kept.get(node) ?? collected(node).store;
    kept.set(node, store);
    const report = reportOf(`shared ${nodeLabel(node)}`);
    return {
      inputs: [vectorsInput((ctx) => vectorsSource(store.finish(ctx), store.length), report)],
      steps: [],
    };
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
      at = streaming ? through(at, streaming, label) : blocking(at, createWindowSink(round, columns), label);
      columns = schemaAfter(columns, round);
    }
    return { chain: at, schema: columns, exprs: extracted.exprs };
  };

  const join = (node: JoinNode): Chain => {
    const label = nodeLabel(node);
    const [buildNode, probeNode] = node.build === 'left' ? [node.left, node.right] : [node.right, node.left];
    if (node.how === 'cross') {
      const { store } = collected(buildNode);
      return through(compile(probeNode), createCrossJoin(node, store), label);
    }
    const build = createJoinBuild(node, buildNode.schema);
    end(compile(buildNode), build, `${label} (build)`);
    return through(compile(probeNode), createJoinProbe(node, build), label);
  };

  const union = (node: UnionNode): Chain => {
    if (node.how === 'horizontal') {
      const standing = node.inputs.map((input) => residentRows(input, tables));
      const flowing = standing.indexOf(null);
      if (flowing < 0) {
        // Resident tables side by side are one table: no row moves.
        const report = reportOf(nodeLabel(node));
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
        return through(compile(node.inputs[flowing]!), createZip(standing), nodeLabel(node));
      }
      const parts = node.inputs.map(collected);
      const report = reportOf(nodeLabel(node));
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

  const compileNode = (node: PlanNode): Chain => {
    switch (node.node) {
      case 'scan': {
        const report = reportOf(nodeLabel(node));
        return { inputs: [{ ...scanInput(node, report), report, steps: [] }], steps: [] };
      }
      case 'table': {
        const report = reportOf(nodeLabel(node));
        const table = tables.get(node.tableId);
        if (!table) throw new UnsupportedError(`Table ${node.tableId} is not on this backend.`);
        return { inputs: [vectorsInput(() => vectorsSource(table.columns, table.rows), report)], steps: [] };
      }
      case 'project': {
        const input = compile(node.input);
        const w = withWindows(
          input,
          node.input.schema,
          node.exprs.map((e) => e.expr),
        );
        const exprs: NamedExpr[] = node.exprs.map((e, i) => ({ name: e.name, expr: w.exprs[i]! }));
        return through(w.chain, createProject(exprs, w.schema), nodeLabel(node));
      }
      case 'filter': {
        const input = compile(node.input);
        const w = withWindows(input, node.input.schema, [node.predicate]);
        const filtered = through(w.chain, createFilter(w.exprs[0]!, w.schema), nodeLabel(node));
        if (w.schema === node.input.schema) return filtered;
        const keep = node.schema.map((f) => ({ name: f.name, expr: { node: 'col', ...f } as const }));
        return through(filtered, createProject(keep, w.schema), 'drop window columns');
      }
      case 'aggregate':
        return blocking(compile(node.input), createAggregateSink(node, node.input.schema), nodeLabel(node));
      case 'distinct': {
        const streaming = createDistinctOperator(node, node.input.schema);
        return streaming
          ? through(compile(node.input), streaming, nodeLabel(node))
          : blocking(compile(node.input), createDistinctSink(node, node.input.schema), nodeLabel(node));
      }
      case 'sort': {
        const w = withWindows(
          compile(node.input),
          node.input.schema,
          node.keys.map((k) => k.expr),
        );
        const keys = node.keys.map((k, i) => ({ ...k, expr: w.exprs[i]! }));
        const sorted = blocking(w.chain, createSortSink({ ...node, keys }, w.schema), nodeLabel(node));
        if (w.schema === node.input.schema) return sorted;
        const keep = node.schema.map((f) => ({ name: f.name, expr: { node: 'col', ...f } as const }));
        return through(sorted, createProject(keep, w.schema), 'drop window columns');
      }
      case 'slice':
        return node.offset < 0
          ? blocking(compile(node.input), createTailSlice(node.offset, node.length, node.schema), nodeLabel(node))
          : through(compile(node.input), createSlice(node.offset, node.length), nodeLabel(node));
      case 'join':
        return join(node);
      case 'union':
        return union(node);
      case 'write':
      case 'host':
        throw new UnsupportedError(`A ${node.node} node cannot stand inside a plan of the CPU engine.`);
    }
  };

  if (root.node === 'write') end(compile(root.input), openWrite(root), nodeLabel(root));
  else end(compile(root), sink, 'result');
  return { pipelines, reports };
}
