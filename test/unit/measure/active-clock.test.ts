import { expect, it } from 'vitest';
import { ActiveClock } from '../../../src/measure/active-clock.js';
import { ScriptedClock } from '../../fakes/scripted-subject.js';

it('does not advance while the process is stopped', () => {
  const time = new ScriptedClock();
  const clock = new ActiveClock(time);
  clock.close();
  time.advance(4e8);
  expect(clock.nowNs()).toBe(4e8);
  // Ctrl-Z for five seconds.
  time.advance(5e9);
  expect(clock.nowNs()).toBe(4e8);
  time.advance(3e8);
  expect(clock.nowNs()).toBe(7e8);
});
