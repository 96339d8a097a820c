/** Does the work with timers that are so many times as fast, also those of the AWS SDK. */
export async function withFastTimers<T>(work: () => Promise<T>, times = 100): Promise<T> {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = new Proxy(setTimeout, {
    apply: (target, self, [callback, milliseconds, ...rest]: Parameters<typeof setTimeout>) =>
      Reflect.apply(target, self, [callback, (milliseconds ?? 0) / times, ...rest]),
  });
  try {
    return await work();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
