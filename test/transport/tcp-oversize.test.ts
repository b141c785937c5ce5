import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { TcpTransport } from '../../src/transport/tcp.js';
import { Recorder, until } from './recorder.js';

const MEBIBYTE = 1024 * 1024;

for (const length of [1201, 0x7fffffff, 0xffffffff]) {
  // One at a time: memory is counted for the whole process.
  test.serial(
    `a length of ${length} closes an untrusted connection, and takes no memory`,
    async (t) => {
      const receiver = new Recorder();
      const transport = new TcpTransport({ ip: '127.0.0.1', port: 0 });
      const port = await transport.open(receiver);
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.resume();
      const bytesBefore = process.memoryUsage().arrayBuffers;
      socket.write(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
      await once(socket, 'close');
      await until(() => receiver.down.length === 1);
      t.true(process.memoryUsage().arrayBuffers - bytesBefore < MEBIBYTE);
      t.deepEqual(receiver.reasons, ['frame-too-long']);
      t.deepEqual(receiver.envelopes, []);
      await transport.close();
    },
  );
}
