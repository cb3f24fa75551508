import { expect, test } from 'vitest';
import { parseNodeList } from '../../../src/fleet/node-list.js';

test.each([
  ['node1,node2', ['node1', 'node2']],
  ['node[01-03,7]', ['node01', 'node02', 'node03', 'node7']],
  ['a[1-2]-ib[0-1]', ['a1-ib0', 'a1-ib1', 'a2-ib0', 'a2-ib1']],
  ['# all\nnode1  # the first\r\nnode2\n\n', ['node1', 'node2']],
  ['node1 node1', ['node1']],
  ['', []],
])('%j', (text, names) => {
  expect(parseNodeList(text)).toEqual(names);
});

test.each(['node[1-', 'node]1', 'node[3-1]', 'node[a-b]', 'node[1-99999999999]'])(
  '%s is refused',
  (text) => {
    expect(() => parseNodeList(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);
