/** What a rule of `verify` advises: words, and what a command of the environment's package manager would install. */
export interface RuleFix {
  readonly text: string;
  /** Packages to install, as arguments of `pip install`. */
  readonly pip?: readonly string[];
  /** Packages to take away once the new ones are certain to be found. */
  readonly uninstall?: readonly string[];
  /** Pythons that the packages have wheels for: another Python gets a new environment. */
  readonly python?: string;
  /** What conda installs instead, where conda manages the package. */
  readonly conda?: readonly string[];
  /** The index to install from; `torch` chooses PyTorch's by driver, GPU and processor. */
  readonly index?: 'torch' | 'jetson' | `https://${string}`;
  /** A command that is not pip's. */
  readonly command?: string;
  /** Needs administrator rights: another fix without them goes with it. */
  readonly root?: true;
}

/** Only root can install a driver: a rule with this fix also names a build for today's driver. */
export const UPDATE_DRIVER: RuleFix = {
  text: "Update the NVIDIA driver with your distribution's packages (needs root), then restart.",
  root: true,
};
