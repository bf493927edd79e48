// How expressions become the small language that modules are emitted from.
import type { CallNode } from '../../../expr/nodes.ts';

/** Lowers one call; null when the row cannot be part of a fused module for these layouts. */
export type EmitRow = (call: CallNode) => null;
