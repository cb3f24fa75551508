/**
 * The Vulkan loader finds drivers through ICD manifests (json files) in folders it knows, or in the
 * list VK_DRIVER_FILES. Some drivers lie elsewhere: those that come with Chromium, and those that
 * container runtimes mount. Without any manifest the loader warns on stderr, so the choice is made
 * before Dawn asks it.
 * Folders: https://vulkan.lunarg.com/doc/view/latest/linux/LoaderDriverInterface.html
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Drivers of GPUs, where container runtimes mount them outside the loader's folders. */
const HARDWARE_MANIFESTS = ['/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json'];

/** SwiftShader, as Chromium and Chrome bring it. */
const SOFTWARE_MANIFESTS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
  '/opt/chromium.org/chromium/vk_swiftshader_icd.json',
];

export interface Manifests {
  /** The user chose with VK_DRIVER_FILES (or its old name): nothing is to be changed. */
  readonly chosenByUser: boolean;
  /** The loader's own folders hold manifests. */
  readonly inLoaderFolders: boolean;
  /** Manifests of GPUs outside these folders. */
  readonly hardware: readonly string[];
  /** Manifests of software drivers outside these folders. */
  readonly software: readonly string[];
}

export function findManifests(env: NodeJS.ProcessEnv = process.env): Manifests {
  return {
    chosenByUser: Boolean(env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES),
    inLoaderFolders: loaderFolders(env).some(hasManifest),
    hardware: HARDWARE_MANIFESTS.filter((path) => existsSync(path)),
    software: SOFTWARE_MANIFESTS.filter((path) => existsSync(path)),
  };
}

function loaderFolders(env: NodeJS.ProcessEnv): string[] {
  const list = (value: string | undefined, fallback: string): string[] =>
    (value || fallback).split(':').filter(Boolean);
  const home = homedir();
  return [
    ...list(env.XDG_CONFIG_HOME, join(home, '.config')),
    ...list(env.XDG_CONFIG_DIRS, '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    ...list(env.XDG_DATA_HOME, join(home, '.local/share')),
    ...list(env.XDG_DATA_DIRS, '/usr/local/share:/usr/share'),
    '/usr/local/share',
    '/usr/share',
  ].map((folder) => join(folder, 'vulkan', 'icd.d'));
}

function hasManifest(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.json'));
  } catch {
    return false;
  }
}
