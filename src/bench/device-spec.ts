import { MpsbenchError } from '../errors.js';

/** What --device accepts besides ids. */
export const KEYWORDS = ['auto', 'gpu', 'cpu', 'all'] as const;
export type Keyword = (typeof KEYWORDS)[number];

/** What others call our backends. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ mps: 'metal', apple: 'metal', nvidia: 'cuda' },
  ...{ vulkan: 'webgpu', dawn: 'webgpu' },
  ...{ torch: 'pytorch', tf: 'tensorflow', ort: 'onnxruntime' },
};

/** `MPS, nvidia:1` -> `metal`, `cuda:1`. */
export function splitSpec(spec: string, known: readonly string[]): string[] {
  const parts = spec
    .split(',')
    .map((part) => ownName(part.trim().toLowerCase(), known))
    .filter((part) => part !== '');
  if (parts.length > 0) return parts;
  throw new MpsbenchError(
    'usage',
    `--device "${spec}" names no device.`,
    `Use ${KEYWORDS.join(', ')} or a device ID; mpsbench devices lists them.`,
  );
}

/** A backend that the user added may have one of these names. */
function ownName(part: string, known: readonly string[]): string {
  const [name = ''] = part.split(/[:+]/);
  if (known.includes(name) || !Object.hasOwn(ALIASES, name)) return part;
  return ALIASES[name] + part.slice(name.length);
}
