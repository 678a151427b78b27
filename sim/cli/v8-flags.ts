// Which of V8's optimizations is off: one that ends the process when a call of Cedar is interrupted.

import { setFlagsFromString } from 'node:v8';

/**
 * V8 puts calls of WebAssembly straight into the function that makes them. Where that stands in a
 * `try`, and the function is deoptimized while Cedar is at work, Node 20.20.2 dies of `unreachable
 * code` in `DoComputeBuiltinContinuation`: seen in one of two runs of some 6,000 decisions in a row,
 * in none of them without. Read whenever a function is optimized, so that it may be set at any time.
 */
setFlagsFromString('--no-turbo-inline-js-wasm-calls');
