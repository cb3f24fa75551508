#!/usr/bin/env node
let cli;
try {
  cli = await import('../dist/cli.js');
} catch (error) {
  const detail = process.argv.includes('--debug') ? `${error.stack}\n` : '';
  const advice = {
    EMFILE: 'Raise the limit of open files: ulimit -n 1024',
    ERR_ACCESS_DENIED: 'Start Node with --allow-fs-read=* as well, or without --permission.',
    ERR_MODULE_NOT_FOUND: process.execArgv.some((flag) => flag.startsWith('--preserve-symlinks'))
      ? 'Start Node without --preserve-symlinks and --preserve-symlinks-main.'
      : undefined,
  }[error.code];
  const message = `mpsbench: its program does not load: ${error.message}`;
  process.stderr.write(
    `${message.replace(/\p{C}/gu, '?')}\n` +
      `  ${advice ?? 'In a checkout, build it: npm run build. An installed package is damaged: install it again.'}\n${detail}`,
  );
  // EXIT.unchecked: its home, src/exit-codes.ts, is a part of what does not load.
  process.exitCode = 2;
}
await cli?.main(process.argv);
