import { z } from 'zod';

/** How a child came to its end. */
export type ChildEnd =
  | { readonly state: 'exited'; readonly code: number }
  | { readonly state: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly state: 'timed_out'; readonly seconds: number }
  | { readonly state: 'flooded'; readonly stream: 'stdout' | 'stderr'; readonly bytes: number }
  | { readonly state: 'not_started'; readonly reason: string };

export const pythonErrorSchema = z.object({
  type: z.string(),
  message: z.string(),
  stage: z.string(),
  traceback: z.string(),
});

/** What a driver raised, and in which stage. */
export type PythonError = z.infer<typeof pythonErrorSchema>;

export type Answer =
  | { readonly state: 'result'; readonly result: unknown }
  | { readonly state: 'error'; readonly error: PythonError }
  /** `stage` is the last one that was begun; missing where not even the script started. */
  | { readonly state: 'none'; readonly stage?: string };

/** What an interpreter said, and how it ended. */
export interface Asked {
  readonly end: ChildEnd;
  readonly answer: Answer;
  readonly stdout: string;
  readonly stderr: string;
}
