import { spawn } from 'node:child_process'

/** Ends a server whose parent process is gone. */
export interface OrphanGuard {
  /** Names the process to end, in place of the one before. */
  watch(pid: number): void
  /** Takes the name back; does nothing when another process has been named since. */
  unwatch(pid: number): void
  /** Stops guarding and leaves everything as it is. */
  release(): void
}

/**
 * Reads process ids from the parent, one a line. The end of the input means that the parent is gone, even by SIGKILL:
 * then the last process named gets the signal and its temporary directory is removed. A container may take seconds to
 * clear ended processes away, which have an id until then but no program.
 */
const script = `
pid=
while read -r line; do
  [ "$line" = release ] && exit 0
  pid=$line
done
[ -n "$pid" ] && kill -s "$2" "$pid" 2>/dev/null
[ -n "$1" ] || exit 0
runs() {
  if [ -d /proc/self ]; then [ -e "/proc/$pid/exe" ]; else kill -0 "$pid" 2>/dev/null; fi
}
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -n "$pid" ] && runs || break; sleep 0.2; done
rm -rf -- "$1"
`

/**
 * Makes sure that a server does not outlive this process, however this process ends.
 *
 * A normal exit kills the server at once; after a SIGKILL a tiny `sh`, waiting at a pipe, does it.
 *
 * @param signal what ends the server at once.
 * @param temporary directory to remove when this process is gone.
 */
export function startOrphanGuard(signal: NodeJS.Signals, temporary: string | undefined): OrphanGuard {
  let watched: number | undefined
  const onExit = (): void => {
    if (watched !== undefined) signalQuietly(watched, signal)
  }
  process.on('exit', onExit)

  // Its own session: Ctrl-C in a terminal must not end the guard together with its parent.
  const name = signal.replace('SIG', '')
  const child = spawn('/bin/sh', ['-c', script, 'quiesce-orphan-guard', temporary ?? '', name], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell, or once the guard was killed, only the exit handler is left.
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  child.unref()
  // A child's pipe is a socket, although its type does not say so; as a stream only it would keep this process alive.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()

  return {
    watch(pid) {
      watched = pid
      child.stdin.write(`${pid}\n`)
    },
    unwatch(pid) {
      if (watched !== pid) return
      watched = undefined
      child.stdin.write('\n')
    },
    release() {
      watched = undefined
      process.off('exit', onExit)
      child.stdin.end('release\n')
    },
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has already ended.
  }
}
