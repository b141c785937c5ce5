import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { Stage } from '../../src/cli/demo/stage.js';
import { Output } from '../../src/cli/start/output.js';

const MEBIBYTE = 1024 * 1024;

test('a reader that is too slow loses lines and is told how many', async (t) => {
  const lines: string[] = [];
  let release: (() => void) | undefined;
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line.slice(0, 20));
      release = done;
    },
  });
  const output = new Output(
    stream,
    () => t.fail(),
    (lost) => `lost ${lost}`,
  );
  for (let index = 0; index < 20; index++) output.write(`${index} `.padEnd(MEBIBYTE, 'x'));
  t.true(stream.writableLength < 18 * MEBIBYTE);
  while (stream.writableLength > 0) {
    release?.();
    await new Promise(setImmediate);
  }
  t.is(lines.length, 17);
  t.is(lines.at(-1), 'lost 4\n');
});

test('a reader that goes away is noticed once', async (t) => {
  const stream = new PassThrough();
  let closed = 0;
  const output = new Output(
    stream,
    () => {
      closed += 1;
    },
    () => '',
  );
  stream.emit('error', new Error('EPIPE'));
  stream.emit('error', new Error('EPIPE'));
  output.write('nobody reads this');
  t.is(closed, 1);
  t.is(stream.read(), null);
});

test.serial('the stage paints only on a terminal, and not against NO_COLOR', (t) => {
  const before = process.env['NO_COLOR'];
  t.teardown(() => {
    if (before === undefined) delete process.env['NO_COLOR'];
    else process.env['NO_COLOR'] = before;
  });
  process.env['TERM'] = 'xterm';
  delete process.env['NO_COLOR'];
  t.true(stageText(true).includes('\u001b['));
  t.false(stageText(false).includes('\u001b['));
  process.env['NO_COLOR'] = '1';
  t.false(stageText(true).includes('\u001b['));
});

function stageText(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const stage = new Stage(stream as unknown as NodeJS.WriteStream, () => undefined);
  stage.heading('A scene');
  stage.says('alpha', 'speaks', '1.0 ms');
  return stream.read() as string;
}
