import { type HostSource, parsePairs } from '../../host/source.js';

/** What pyvenv.cfg says (PEP 405, and the keys that virtualenv and uv add). */
export interface VenvConfig {
  /** The folder of the interpreter that it was made with. */
  readonly home?: string;
  readonly version?: string;
  readonly includesSystemPackages: boolean;
  /** Made by uv: it holds no pip. */
  readonly isUv: boolean;
}

const CONFIG_BYTES = 16 * 1024;

/** Undefined where the prefix has no pyvenv.cfg that can be read. */
export async function readVenvConfig(
  source: HostSource,
  prefix: string,
): Promise<VenvConfig | undefined> {
  const head = await source.readHead(`${prefix}/pyvenv.cfg`, CONFIG_BYTES);
  if (head.state !== 'read') return undefined;
  const pairs = parsePairs(new TextDecoder('latin1').decode(head.bytes), '=');
  const version = /^\d+\.\d+(?:\.\d+)?/.exec(
    pairs.get('version') ?? pairs.get('version_info') ?? '',
  )?.[0];
  const home = pairs.get('home');
  return {
    ...(home && { home }),
    ...(version && { version }),
    includesSystemPackages: pairs.get('include-system-site-packages')?.toLowerCase() === 'true',
    isUv: pairs.has('uv'),
  };
}
