/** What each minor version of TensorFlow was released for. */
export interface TensorFlowRelease {
  /** `18` of 2.18. */
  readonly minor: number;
  /** The newest patch release. */
  readonly newest: string;
  readonly python: string;
  /** Of the Linux wheels: TensorFlow's table of tested builds. */
  readonly cuda: string;
  readonly cudnn: string;
  /** From the requirements of the wheels. */
  readonly keras?: string;
}

export const TENSORFLOW_RELEASES: readonly TensorFlowRelease[] = [
  { minor: 5, newest: '2.5.3', python: '>=3.6,<3.10', cuda: '11.2', cudnn: '8.1' },
  { minor: 6, newest: '2.6.5', python: '>=3.6,<3.10', cuda: '11.2', cudnn: '8.1' },
  { minor: 7, newest: '2.7.4', python: '>=3.7,<3.11', cuda: '11.2', cudnn: '8.1' },
  { minor: 8, newest: '2.8.4', python: '>=3.7,<3.11', cuda: '11.2', cudnn: '8.1' },
  {
    minor: 9,
    newest: '2.9.3',
    python: '>=3.7,<3.11',
    cuda: '11.2',
    cudnn: '8.1',
    keras: '==2.9.*',
  },
  {
    minor: 10,
    newest: '2.10.1',
    python: '>=3.7,<3.11',
    cuda: '11.2',
    cudnn: '8.1',
    keras: '==2.10.*',
  },
  {
    minor: 11,
    newest: '2.11.1',
    python: '>=3.7,<3.11',
    cuda: '11.2',
    cudnn: '8.1',
    keras: '==2.11.*',
  },
  {
    minor: 12,
    newest: '2.12.1',
    python: '>=3.8,<3.12',
    cuda: '11.8',
    cudnn: '8.6',
    keras: '==2.12.*',
  },
  {
    minor: 13,
    newest: '2.13.1',
    python: '>=3.8,<3.12',
    cuda: '11.8',
    cudnn: '8.6',
    keras: '>=2.13.1,<2.14',
  },
  {
    minor: 14,
    newest: '2.14.1',
    python: '>=3.9,<3.12',
    cuda: '11.8',
    cudnn: '8.7',
    keras: '==2.14.*',
  },
  {
    minor: 15,
    newest: '2.15.1',
    python: '>=3.9,<3.12',
    cuda: '12.2',
    cudnn: '8.9',
    keras: '==2.15.*',
  },
  {
    minor: 16,
    newest: '2.16.2',
    python: '>=3.9,<3.13',
    cuda: '12.3',
    cudnn: '8.9',
    keras: '>=3.0.0',
  },
  {
    minor: 17,
    newest: '2.17.1',
    python: '>=3.9,<3.13',
    cuda: '12.3',
    cudnn: '8.9',
    keras: '>=3.2.0',
  },
  {
    minor: 18,
    newest: '2.18.1',
    python: '>=3.9,<3.13',
    cuda: '12.5',
    cudnn: '9.3',
    keras: '>=3.5.0',
  },
  {
    minor: 19,
    newest: '2.19.1',
    python: '>=3.9,<3.13',
    cuda: '12.5',
    cudnn: '9.3',
    keras: '>=3.5.0',
  },
  { minor: 20, newest: '2.20.0', python: '>=3.9,<3.14', cuda: '12.5', cudnn: '9.3' },
  { minor: 21, newest: '2.21.0', python: '>=3.10,<3.14', cuda: '12.5', cudnn: '9.3' },
];

const newest = TENSORFLOW_RELEASES.at(-1);
if (!newest) throw new Error('the table of TensorFlow releases is empty');

/** The newest release. */
export const NEWEST_TENSORFLOW: TensorFlowRelease = newest;

/** The release that a version such as 2.18.1 belongs to. */
export function releaseOfTensorFlow(version: string | undefined): TensorFlowRelease | undefined {
  const [, minor] = /^2\.(\d+)/.exec(version ?? '') ?? [];
  return TENSORFLOW_RELEASES.find((release) => release.minor === Number(minor));
}
