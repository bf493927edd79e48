// A plugin of the bundler: TypeScript to the JavaScript of Node 20, file by file.
import esbuild from 'esbuild';

export const typesAway = {
  name: 'types-away',
  transform: (code, id) =>
    id.endsWith('.ts') ? esbuild.transform(code, { loader: 'ts', target: 'node20', sourcefile: id }) : null,
};
