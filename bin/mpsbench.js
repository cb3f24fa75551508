#!/usr/bin/env node
let cli;
try {
  cli = await import('../dist/cli.js');
} catch (error) {
  const detail = process.argv.includes('--debug') ? `${error.stack}\n` : '';
  process.stderr.write(
    `mpsbench: its program does not load: ${error.message}\n` +
      `  In a checkout, build it: npm run build. An installed package is damaged: install it again.\n${detail}`,
  );
  // EXIT.unchecked: its home, src/exit-codes.ts, is a part of what does not load.
  process.exitCode = 2;
}
await cli?.main(process.argv);
