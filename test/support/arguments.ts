const COLUMNS = 80;

/**
 * What the arguments of a program say, read before it does anything else. With `--help` it prints its
 * usage and ends with 0; of what is wrong it tells on one line and ends with 2.
 *
 * @param usage the page, without a newline at its end.
 * @param read throws what is wrong, as `parseArgs` of `node:util` does.
 */
export function readArguments<Given>(usage: string, read: () => Given): Given {
  if (process.argv.slice(2).includes('--help')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  try {
    return read();
  } catch (error) {
    const message = (error as Error).message.replace(/\s*\n\s*/g, ' ');
    process.stderr.write(`${message}; --help has the usage\n`);
    process.exit(2);
  }
}

/** Names for a usage, indented, with a comma between them, in as many lines as they need. */
export function listed(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  names.forEach((name, index) => {
    const word = index === names.length - 1 ? name : `${name},`;
    if (line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  });
  return [...lines, line].join('\n');
}
