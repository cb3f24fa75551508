import { describe, expect, test } from 'vitest';
import type { Asked } from '../../../../src/frameworks/faults/asked.js';
import type { Subject } from '../../../../src/frameworks/faults/fault-rules.js';
import { findFault, findWarning } from '../../../../src/frameworks/faults/faults.js';
import { matchImportRule } from '../../../../src/frameworks/faults/import-rules.js';

const tensorflow: Subject = {
  interpreter: '/Users/ada/.venv/bin/python',
  distribution: 'tensorflow',
  title: 'TensorFlow',
  module: 'tensorflow',
};
const torch: Subject = { ...tensorflow, distribution: 'torch', module: 'torch', title: 'PyTorch' };

/** An interpreter whose script raised this when it imported the framework. */
const raised = (type: string, message: string, stage = 'import'): Asked => ({
  end: { state: 'exited', code: 0 },
  stdout: '',
  stderr: '',
  answer: { state: 'error', error: { type, message, stage, traceback: '' } },
});

const ended = (end: Asked['end'], stderr = '', stage: string | null = 'import'): Asked => ({
  end,
  stdout: '',
  stderr,
  answer: stage === null ? { state: 'none' } : { state: 'none', stage },
});

const PLUGIN =
  'dlopen(/opt/miniconda3/envs/metal/lib/python3.10/site-packages/tensorflow-plugins/libmetal_plugin.dylib, 0x0006)';

/** Messages as users have reported them; the address of each report stands with it. */
const RECORDED: readonly {
  readonly from: string;
  readonly subject: Subject;
  readonly type: string;
  readonly text: string;
  readonly rule: string;
  readonly message: string;
}[] = [
  {
    from: 'https://github.com/tensorflow/tensorflow/issues/81987',
    subject: tensorflow,
    type: 'NotFoundError',
    text: `${PLUGIN}: Symbol not found: __ZN3tsl8internal10LogMessageC1EPKcii\n  Referenced from: <D2EF42E3-3A7F-39DD-9982-FB6BCDC2853C> /opt/miniconda3/envs/metal/lib/python3.10/site-packages/tensorflow-plugins/libmetal_plugin.dylib\n  Expected in:     <300F849B-E9A8-3BDA-B8D9-C6617800789D> /opt/miniconda3/envs/metal/lib/python3.10/site-packages/tensorflow/python/_pywrap_tensorflow_internal.so`,
    rule: 'import.metal-plugin',
    message:
      'TensorFlow: tensorflow-metal does not fit this TensorFlow: its plugin misses __ZN3tsl8internal10LogMessageC1EPKcii.',
  },
  {
    from: 'tensorflow-metal 1.2.0 with TensorFlow 2.20.0, public report of 2025-09-11',
    subject: tensorflow,
    type: 'NotFoundError',
    text: `${PLUGIN}: Library not loaded: @rpath/_pywrap_tensorflow_internal.so\n  Referenced from: <D2EF42E3-3A7F-39DD-9982-FB6BCDC2853C> /opt/miniconda3/envs/metal/lib/python3.10/site-packages/tensorflow-plugins/libmetal_plugin.dylib`,
    rule: 'import.metal-plugin',
    message:
      'TensorFlow: tensorflow-metal does not fit this TensorFlow: its plugin misses @rpath/_pywrap_tensorflow_internal.so.',
  },
  {
    from: 'https://github.com/tensorflow/models/issues/10617',
    subject: tensorflow,
    type: 'NotFoundError',
    text: "dlopen(/Users/user/env/miniforge3/lib/python3.9/site-packages/tensorflow-plugins/libmetal_plugin.dylib, 0x0006): symbol not found in flat namespace '_TF_AllocateOutput'",
    rule: 'import.metal-plugin',
    message:
      'TensorFlow: tensorflow-metal does not fit this TensorFlow: its plugin misses _TF_AllocateOutput.',
  },
  {
    from: 'https://github.com/ml-explore/mlx/issues/621',
    subject: { ...tensorflow, distribution: 'mlx', title: 'MLX' },
    type: 'ImportError',
    text: "dlopen(/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/site-packages/mlx/core.cpython-311-darwin.so, 0x0002): tried: '/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/site-packages/mlx/core.cpython-311-darwin.so' (mach-o file, but is an incompatible architecture (have 'arm64', need 'x86_64'))",
    rule: 'import.wrong-architecture',
    message: 'MLX: A library is built for arm64, and this Python runs as x86_64.',
  },
  {
    from: 'https://github.com/tensorflow/tensorflow/issues/57483',
    subject: tensorflow,
    type: 'ImportError',
    text: "tried: '/Library/Frameworks/Python.framework/Versions/3.10/lib/python3.10/site-packages/tensorflow/python/_pywrap_tensorflow.so' (mach-o file, but is an incompatible architecture (have (x86_64), need (arm64e)))",
    rule: 'import.wrong-architecture',
    message: 'TensorFlow: A library is built for x86_64, and this Python runs as arm64e.',
  },
  {
    from: 'https://github.com/apple/tensorflow_macos/issues/273',
    subject: tensorflow,
    type: 'ImportError',
    text: 'no suitable image found.  Did find:\n\t/Users/dc/tensorflow_macos_venv/lib/python3.8/site-packages/tensorflow/python/_pywrap_tensorflow_internal.so: mach-o, but wrong architecture',
    rule: 'import.wrong-architecture',
    message: 'TensorFlow: A library is built for another processor than this Python.',
  },
  {
    from: 'https://github.com/jax-ml/jax/issues/26207',
    subject: { ...tensorflow, distribution: 'jax', title: 'JAX' },
    type: 'RuntimeError',
    text: 'This version of jaxlib was built using AVX instructions, which your CPU and/or operating system do not support. This error is frequently encountered on macOS when running an x86 Python installation on ARM hardware.',
    rule: 'import.cpu-instructions',
    message: 'JAX: This build needs AVX instructions, which this CPU (or Rosetta) does not have.',
  },
  {
    from: 'https://github.com/jupyter/notebook/issues/7522',
    subject: torch,
    type: 'ImportError',
    text: 'A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0 as it may crash. To support both 1.x and 2.x\nversions of NumPy, modules must be compiled with NumPy 2.0.',
    rule: 'import.numpy-abi',
    message: 'PyTorch: It was compiled for NumPy 1 and this environment has NumPy 2.0.0.',
  },
  {
    from: 'https://github.com/tensorflow/tensorflow/issues/90245',
    subject: tensorflow,
    type: 'AttributeError',
    text: '_ARRAY_API not found',
    rule: 'import.numpy-abi',
    message: 'TensorFlow: It was compiled for NumPy 1 and this environment has NumPy 2.',
  },
  {
    from: 'https://github.com/pytorch/pytorch/issues/131312',
    subject: torch,
    type: 'ImportError',
    text: '/home/dp/anaconda3/envs/ComfyUI/lib/python3.11/site-packages/torch/lib/../../nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12',
    rule: 'import.cuda-mixture',
    message:
      'PyTorch: Libraries of different CUDA releases are mixed: __nvJitLinkComplete_12_4 is missing.',
  },
  {
    from: 'https://github.com/pytorch/pytorch/issues/165812',
    subject: torch,
    type: 'ImportError',
    text: 'libcudnn.so.9: cannot open shared object file: No such file or directory',
    rule: 'import.cuda-library',
    message: 'PyTorch: The CUDA library libcudnn.so.9 is not found.',
  },
  {
    from: 'https://github.com/CannyLab/tsne-cuda/issues/126',
    subject: torch,
    type: 'ImportError',
    text: 'libcudart.so.11.0: cannot open shared object file: No such file or directory',
    rule: 'import.cuda-library',
    message: 'PyTorch: The CUDA library libcudart.so.11.0 is not found.',
  },
  {
    from: 'https://github.com/pytorch/pytorch/issues/4494',
    subject: torch,
    type: 'ImportError',
    text: 'libcudnn-a2b758a6.so.7.0.3: cannot open shared object file: No such file or directory',
    rule: 'import.cuda-library',
    message: 'PyTorch: The CUDA library libcudnn-a2b758a6.so.7.0.3 is not found.',
  },
  {
    from: 'https://github.com/TomHeaven/tensorflow-osx-build/issues/6',
    subject: tensorflow,
    type: 'ImportError',
    text: 'dlopen(/Users/abc/Sites/tfgpu/lib/python3.6/site-packages/tensorflow/python/_pywrap_tensorflow_internal.so, 6): Library not loaded: /usr/local/lib/libgomp.1.dylib\n  Referenced from: /Users/abc/Sites/tfgpu',
    rule: 'import.missing-library',
    message: 'TensorFlow: The library /usr/local/lib/libgomp.1.dylib is not found.',
  },
  {
    from: 'https://github.com/semchan/NLUT/issues/15',
    subject: torch,
    type: 'ImportError',
    text: 'libtorch_cuda_cu.so: cannot open shared object file: No such file or directory',
    rule: 'import.missing-library',
    message: 'PyTorch: The library libtorch_cuda_cu.so is not found.',
  },
  {
    from: 'https://github.com/tensorflow/tensorflow/issues/3034',
    subject: tensorflow,
    type: 'ImportError',
    text: 'dlopen(/Users/SummerREU/anaconda/lib/python2.7/site-packages/tensorflow/python/_pywrap_tensorflow.so, 2): Symbol not found: ___sincos_stret\n  Referenced from: /Users/SummerREU/anaconda',
    rule: 'import.missing-symbol',
    message:
      'TensorFlow: A library of it lacks the symbol ___sincos_stret: its parts are of different releases.',
  },
  {
    from: 'the words of the C library',
    subject: torch,
    type: 'ImportError',
    text: "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.28' not found (required by /v/lib/python3.9/site-packages/torch/lib/libtorch_cpu.so)",
    rule: 'import.libc',
    message: 'PyTorch: This build needs GLIBC_2.28, which this system does not have.',
  },
  {
    from: 'the words of Python',
    subject: tensorflow,
    type: 'ModuleNotFoundError',
    text: "No module named 'tensorflow'",
    rule: 'import.missing-module',
    message: 'TensorFlow: The module tensorflow is missing from this environment.',
  },
];

describe('errors of an import', () => {
  test.each(RECORDED)('$rule, as in $from', ({ subject, type, text, rule, message }) => {
    const fault = findFault(raised(type, text), subject);
    expect(fault).toMatchObject({ state: 'fail', rule, message });
    expect(fault?.fixes.length).toBeGreaterThan(0);
    expect(fault?.sources.length).toBeGreaterThan(0);
  });

  test('what comes with the NVIDIA driver does not come from pip', () => {
    const text = 'libcuda.so.1: cannot open shared object file: No such file or directory';
    const fault = findFault(raised('ImportError', text), torch);
    expect(fault?.fixes.map(({ pip }) => pip)).toEqual([undefined]);
    expect(fault?.fixes[0]?.text).toMatch(/NVIDIA driver/);
  });

  test('an interpreter that fails at its own start cannot be installed by pip', () => {
    const fault = findFault(raised('ModuleNotFoundError', "No module named 'encodings'", 'start'), {
      interpreter: '/v/bin/python',
      title: 'Python',
    });
    expect(fault).toMatchObject({ rule: 'import.missing-module', fixes: [] });
  });

  test('the same words on stderr, when the library ends the process itself', () => {
    const stderr =
      'The TensorFlow library was compiled to use AVX instructions, but these are not available on your machine.\n';
    const fault = findFault(ended({ state: 'killed', signal: 'SIGABRT' }, stderr), tensorflow);
    expect(fault?.rule).toBe('import.cpu-instructions');
  });

  test('an error that no rule knows is shown as it is', () => {
    const fault = findFault(
      raised('TypeError', 'Descriptors cannot be created directly.\nIf'),
      torch,
    );
    expect(fault).toMatchObject({
      state: 'fail',
      rule: 'import.other',
      message: 'PyTorch cannot be imported: TypeError: Descriptors cannot be created directly.',
    });
    expect(fault?.fixes[0]?.command).toBe("/Users/ada/.venv/bin/python -E -c 'import torch'");
  });

  test('an error of an example is not one of the import', () => {
    const text = 'could not find registered platform with id: 0x106170d30';
    expect(findFault(raised('NotFoundError', text, 'example cnn'), tensorflow)).toMatchObject({
      rule: 'probe.error',
      message: `TensorFlow example cnn failed: NotFoundError: ${text}`,
    });
  });

  test('ordinary text matches no rule', () => {
    expect(matchImportRule('I0000 placer.cc:162] add: (AddV2): /device:CPU:0')).toBeUndefined();
  });
});

test("NumPy's warning counts although there is an answer", () => {
  const asked: Asked = {
    end: { state: 'exited', code: 0 },
    stdout: '',
    stderr: RECORDED.find(({ rule }) => rule === 'import.numpy-abi')?.text ?? '',
    answer: { state: 'result', result: {} },
  };
  expect(findFault(asked, torch)).toBeUndefined();
  expect(findWarning(asked, torch)?.rule).toBe('import.numpy-abi');
  expect(
    findWarning({ ...asked, stderr: 'libfoo.so: cannot open shared object file' }, torch),
  ).toBe(undefined);
});

describe('exits without an answer', () => {
  const cases: readonly [Asked, string, string, string][] = [
    [
      ended({ state: 'killed', signal: 'SIGKILL' }),
      'fail',
      'probe.killed',
      "TensorFlow import was killed (SIGKILL): out of memory, or macOS refused a library's signature.",
    ],
    [
      ended({ state: 'killed', signal: 'SIGBUS' }, '', 'example cnn'),
      'fail',
      'probe.crash',
      'TensorFlow example cnn crashed with SIGBUS.',
    ],
    [
      ended({ state: 'not_started', reason: 'EACCES' }, '', null),
      'unchecked',
      'probe.not-started',
      '/Users/ada/.venv/bin/python cannot be started: it may not be executed.',
    ],
    [
      ended({ state: 'not_started', reason: 'ESOMETHING' }, '', null),
      'unchecked',
      'probe.not-started',
      '/Users/ada/.venv/bin/python cannot be started: ESOMETHING.',
    ],
  ];
  test.each(cases)('%j', (asked, state, rule, message) => {
    expect(findFault(asked, tensorflow)).toMatchObject({ state, rule, message });
  });
});
