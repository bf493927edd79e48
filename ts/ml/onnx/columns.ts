// The columns that run between the steps of an exported model: by name, as parts of matrices.
import type { OnnxGraph, OnnxValue } from './graph.ts';

/** Columns that lie beside each other in one (nSamples, names.length) value. */
interface Block {
  readonly names: readonly string[];
  readonly value: OnnxValue;
}

/** Named columns of a graph, each a part of some matrix. */
export class OnnxColumns {
  readonly names: readonly string[];
  readonly #blocks: readonly Block[];
  readonly #graph: OnnxGraph;

  constructor(graph: OnnxGraph, blocks: readonly Block[]) {
    this.#graph = graph;
    this.#blocks = blocks;
    this.names = blocks.flatMap((b) => b.names);
  }

  /** The columns of one matrix. */
  static of(graph: OnnxGraph, names: readonly string[], value: OnnxValue): OnnxColumns {
    return new OnnxColumns(graph, [{ names, value }]);
  }
  /** Columns side by side. */
  static beside(graph: OnnxGraph, parts: readonly OnnxColumns[]): OnnxColumns {
    return new OnnxColumns(
      graph,
      parts.flatMap((p) => p.#blocks),
    );
  }

  #find(name: string): { block: Block; at: number } {
    for (const block of this.#blocks) {
      const at = block.names.indexOf(name);
      if (at >= 0) return { block, at };
    }
    throw new RangeError(`no column ${name} in the graph`);
  }

  /** These columns, in that order. */
  select(names: readonly string[]): OnnxColumns {
    const runs: { block: Block; indices: number[] }[] = [];
    for (const name of names) {
      const { block, at } = this.#find(name);
      const last = runs[runs.length - 1];
      if (last && last.block === block) last.indices.push(at);
      else runs.push({ block, indices: [at] });
    }
    const blocks = runs.map(({ block, indices }): Block => {
      const whole = indices.length === block.names.length && indices.every((at, i) => at === i);
      if (whole) return block;
      const value = this.#graph.gather(block.value, this.#graph.integers(...indices), 1);
      return { names: indices.map((i) => block.names[i]!), value };
    });
    return new OnnxColumns(this.#graph, blocks);
  }

  /** The columns, or those named, as one Float64 matrix (nSamples, nColumns). */
  matrix(names: readonly string[] = this.names): OnnxValue {
    const parts = this.select(names).#blocks.map((b) => this.#graph.cast(b.value, 'double'));
    return this.#graph.concat(parts, 1);
  }

  /** One column (nSamples, 1) in its own type. */
  column(name: string): OnnxValue {
    return this.select([name]).#blocks[0]!.value;
  }
}
