/** Names of the options that everything that runs a plan takes. */
export const RUN_OPTIONS = [
  'signal',
  'onProgress',
  'engine',
  'fallback',
  'memoryLimitBytes',
  'spillFolder',
  'seed',
  'threads',
];
