import type { DataFrame } from '../../ts/index.ts';

/** The bytes of a collected frame, to compare runs with each other. */
export async function ipcOf(df: DataFrame<any>, threads: number): Promise<Buffer> {
  const table = await df.collect({ threads });
  const bytes = Buffer.from(table.toIpc());
  table.dispose();
  return bytes;
}
