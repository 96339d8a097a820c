/** Does something while timers run out a hundred times as fast, those among them by which the AWS SDK pauses. */
export async function withFastTimers<T>(work: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = new Proxy(setTimeout, {
    apply: (target, self, [callback, milliseconds, ...rest]: Parameters<typeof setTimeout>) =>
      Reflect.apply(target, self, [callback, (milliseconds ?? 0) / 100, ...rest]),
  });
  try {
    return await work();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
