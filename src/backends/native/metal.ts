import type { Backend } from '../types.js';
import { nativeBackend } from './backend.js';

export const metalBackend: Backend = nativeBackend('metal', {
  platform: 'darwin',
  elsewhere: 'Metal exists on macOS only',
});
