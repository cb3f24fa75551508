import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  isScript,
  readArchitectures,
} from '../../../../src/frameworks/environments/binary-header.js';
import { header, parseHeaders } from '../../../../src/frameworks/environments/metadata.js';
import {
  normaliseName,
  parseEntry,
  versionOfExtension,
} from '../../../../src/frameworks/environments/names.js';
import { systemSource } from '../../../../src/host/source.js';
import { interpreterHead } from '../../../fakes/python-files.js';

describe('readArchitectures', () => {
  it.each([
    ['arm64', ['arm64']],
    ['x86_64', ['x86_64']],
    ['universal2', ['x86_64', 'arm64']],
    ['elf', ['x86_64']],
    ['elf-aarch64', ['aarch64']],
  ])('%s', (kind, expected) => {
    expect(readArchitectures(interpreterHead(kind))).toEqual(expected);
  });

  it('reads the program that runs this test', async () => {
    const head = await systemSource.readHead(process.execPath, HEADER_BYTES);
    const names: Record<string, readonly string[]> = {
      x64: ['x86_64'],
      arm64: ['arm64', 'aarch64'],
    };
    const [architecture] = head.state === 'read' ? readArchitectures(head.bytes) : [];
    expect(names[process.arch]).toContain(architecture);
  });

  it('reads a PE header', () => {
    const head = new Uint8Array(256);
    const view = new DataView(head.buffer);
    view.setUint16(0, 0x4d5a);
    view.setUint32(60, 128, true);
    view.setUint32(128, 0x50450000);
    view.setUint16(132, 0x8664, true);
    expect(readArchitectures(head)).toEqual(['x86_64']);
  });

  it('finds none in scripts, short files, Java classes and cut fat headers', () => {
    const java = new Uint8Array(64);
    new DataView(java.buffer).setUint32(0, 0xcafebabe);
    new DataView(java.buffer).setUint32(4, 61);
    const cut = interpreterHead('universal2').subarray(0, 24);
    const heads = [
      new TextEncoder().encode('#!/bin/sh\nexec python3 "$@"\n'),
      new Uint8Array(3),
      java,
    ];
    expect(heads.map(readArchitectures)).toEqual([[], [], []]);
    expect(readArchitectures(cut)).toEqual(['x86_64']);
    expect(heads.map(isScript)).toEqual([true, false, false]);
  });
});

describe('parseHeaders', () => {
  it('stops at the first empty line, joins continued lines and keeps repeated headers', () => {
    const headers = parseHeaders(
      '\uFEFFName: torch\r\nLicense: a\r\n  b\r\nTag: x\r\nTag: y\r\n\r\nVersion: 9\r\n',
    );
    expect(header(headers, 'name')).toBe('torch');
    expect(header(headers, 'License')).toBe('a b');
    expect(headers.get('tag')).toEqual(['x', 'y']);
    expect(headers.has('version')).toBe(false);
  });
});

describe('names', () => {
  it('are compared as PEP 503 says', () => {
    expect(normaliseName('Tensorflow._Metal')).toBe('tensorflow-metal');
  });

  it.each([
    [
      'torch-2.9.1+cu128.dist-info',
      { kind: 'distribution', name: 'torch', version: '2.9.1+cu128' },
    ],
    ['my-pkg-1.0.dist-info', { kind: 'distribution', name: 'my-pkg', version: '1.0' }],
    ['six-1.16.0-py3.9.egg-info', { kind: 'distribution', name: 'six', version: '1.16.0' }],
    ['jax.egg-link', { kind: 'egg-link', name: 'jax' }],
    ['__editable__.jax-0.4.34.pth', { kind: 'editable', name: 'jax' }],
    ['__editable___jax_0_4_34_finder.py', { kind: 'editable', name: 'jax' }],
    ['~orch-2.9.1.dist-info', { kind: 'leftover' }],
    ['torch.dist-info', { kind: 'malformed' }],
    ['.dist-info', { kind: 'malformed' }],
    ['torch.egg-info', undefined],
    ['torch', undefined],
  ])('%s', (entry, expected) => {
    expect(parseEntry(entry)).toEqual(expected);
  });

  it('of extensions say which Python they are for', () => {
    expect(versionOfExtension('_cffi.cpython-312-darwin.so')).toBe('3.12');
    expect(versionOfExtension('_x.cp311-win_amd64.pyd')).toBe('3.11');
    expect(versionOfExtension('_x.abi3.so')).toBeUndefined();
  });
});
