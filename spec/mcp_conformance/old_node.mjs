// Lets the suite, which wants Node 22, run on Node 20 and older: the one thing that
// it imports and they lack is `fs.globSync`, used for a command that is not used here.
import fs from 'node:fs';
import { register } from 'node:module';

if (!fs.globSync) {
  const shim = 'export * from "node:fs"; export { default } from "node:fs"; export const globSync = () => [];';
  const hook = `export async function resolve(name, context, next) {
    const isSuite = (context.parentURL ?? '').includes('/@modelcontextprotocol/conformance/');
    return isSuite && name === 'fs'
      ? { url: 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(shim)}), shortCircuit: true }
      : next(name, context);
  }`;
  register('data:text/javascript,' + encodeURIComponent(hook));
}
